;;; codanna-lsp.el --- Symbol search and definitions out of a crash-proof index  -*- lexical-binding: t; -*-

;; Author: the authors of codanna-lsp
;; Version: 0.1.0
;; Package-Requires: ((emacs "28.1") (eglot "1.9"))
;; Keywords: languages, tools, convenience
;; SPDX-License-Identifier: MIT

;; This file is not part of GNU Emacs.

;;; Commentary:

;; codanna-lsp is a language server that answers `xref-find-apropos' and
;; `xref-find-definitions' for a whole workspace, out of an index on disk
;; that survives crashes and corruption.  This package tells Eglot of it,
;; shows its state in the mode line, and what was damaged and mended in a
;; warning.
;;
;;   (require 'codanna-lsp)
;;   (codanna-lsp-setup)
;;   (add-hook 'python-mode-hook #'eglot-ensure)
;;
;; Emacs 28 needs the package eglot; since 29 Emacs has it.  The server is
;; installed by "pip install codanna-lsp".

;;; Code:

(require 'eglot)
(require 'jsonrpc)
(require 'seq)
(require 'subr-x)

(defgroup codanna-lsp nil
  "Symbol search and definitions out of a crash-proof index."
  :group 'eglot
  :prefix "codanna-lsp-")

(defcustom codanna-lsp-command '("codanna-lsp")
  "The server's program and its arguments."
  :type '(repeat string))

(defcustom codanna-lsp-modes
  '(c-mode c-ts-mode c++-mode c++-ts-mode c-or-c++-mode c-or-c++-ts-mode
    go-mode go-ts-mode java-mode java-ts-mode js-mode js-ts-mode js2-mode
    js-jsx-mode python-mode python-ts-mode rust-mode rust-ts-mode rustic-mode
    typescript-mode typescript-ts-mode tsx-ts-mode)
  "The major modes whose files codanna-lsp serves.
To leave a language to another server, take its modes out before
`codanna-lsp-setup'."
  :type '(repeat symbol))

(defcustom codanna-lsp-settings nil
  "The server's settings, as a property list.
For example (:exclude [\"vendor/\"] :symbolLimit 100).  A list is a vector,
true and false are t and :json-false.  The project's README lists them."
  :type '(plist :key-type symbol :value-type sexp))

(defconst codanna-lsp-oldest-server "0.1.0"
  "The oldest server that this package is made for.")

(defclass codanna-lsp-server (eglot-lsp-server)
  ((health :initform "ok" :accessor codanna-lsp--health)
   (quiescent :initform nil :accessor codanna-lsp--quiescent)
   (said :initform nil :accessor codanna-lsp--said))
  :documentation "A connection to codanna-lsp.")

;;;; Starting

(defun codanna-lsp--contact (&rest _)
  "Return what Eglot needs to start the server, or tell what is missing."
  ;; Where the file is: Eglot starts the server on a remote file's machine.
  (unless (executable-find (car codanna-lsp-command) t)
    (user-error
     "There is no program %s%s: \"pip install codanna-lsp\", or set `codanna-lsp-command'"
     (car codanna-lsp-command)
     (if-let* ((host (file-remote-p default-directory 'host)))
         (concat " on " host)
       "")))
  (cons 'codanna-lsp-server codanna-lsp-command))

;;;###autoload
(defun codanna-lsp-setup ()
  "Have Eglot start codanna-lsp in the modes of `codanna-lsp-modes'."
  (interactive)
  (add-to-list 'eglot-server-programs
               (cons (copy-sequence codanna-lsp-modes) #'codanna-lsp--contact))
  (add-hook 'eglot-connect-hook #'codanna-lsp--check-version)
  (add-to-list 'mode-line-misc-info '(:eval (codanna-lsp--mode-line)) t))

(defun codanna-lsp--check-version (server)
  "Say that SERVER is too old; what it answers all the same is shown."
  (when (and (cl-typep server 'codanna-lsp-server)
             (fboundp 'eglot--server-info))
    (let ((version (plist-get (eglot--server-info server) :version)))
      (when (and version
                 (ignore-errors
                   (version< version codanna-lsp-oldest-server)))
        (display-warning
         'codanna-lsp
         (format "codanna-lsp %s is too old, this package needs %s or newer: \
\"pip install --upgrade codanna-lsp\", then M-x eglot-reconnect"
                 version codanna-lsp-oldest-server))))))

(cl-defmethod eglot-initialization-options ((_server codanna-lsp-server))
  "Send the user's settings along with the first message."
  ;; Eglot's own watcher of files loses renames.
  (if (plist-member codanna-lsp-settings :watch)
      codanna-lsp-settings
    (append '(:watch "server") codanna-lsp-settings)))

(cl-defmethod eglot-client-capabilities :around ((_server codanna-lsp-server))
  "Say that the server's health is listened to."
  (let ((capabilities (cl-call-next-method)))
    (plist-put capabilities :experimental
               (append '(:serverStatusNotification t)
                       (let ((known (plist-get capabilities :experimental)))
                         (and (listp known) known))))))

;;;; What the server tells

(cl-defmethod eglot-handle-notification
  ((server codanna-lsp-server) (_method (eql experimental/serverStatus))
   &key health quiescent &allow-other-keys)
  "Show SERVER's HEALTH, and whether it is QUIESCENT, in the mode line."
  (setf (codanna-lsp--health server) health
        (codanna-lsp--quiescent server) (eq quiescent t))
  (force-mode-line-update t))

(cl-defmethod eglot-handle-notification
  ((server codanna-lsp-server) (_method (eql window/showMessage))
   &key type message &allow-other-keys)
  "Show a MESSAGE of SERVER once: damage (TYPE 1 or 2) as a warning that stays."
  (unless (member message (codanna-lsp--said server))
    (push message (codanna-lsp--said server))
    (if (< type 3)
        (display-warning 'codanna-lsp
                         (string-remove-prefix "codanna-lsp: " message)
                         (if (= type 1) :error :warning))
      (message "%s" message))))

(defun codanna-lsp--server ()
  "Return the connection that serves this buffer, or nil."
  (let ((server (eglot-current-server)))
    (and (cl-typep server 'codanna-lsp-server) server)))

(defun codanna-lsp--mode-line ()
  "Return the server's state, or nil where it does not serve."
  (when-let* ((server (codanna-lsp--server)))
    (format "codanna: %s "
            (pcase (cons (codanna-lsp--health server)
                         (codanna-lsp--quiescent server))
              ('("ok" . t) "ready")
              ('("ok" . nil) "indexing")
              ('("warning" . nil) "repairing")
              ('("error" . nil) "rebuilding")
              ('("error" . t) "damaged")
              (_ "warning")))))

;;;; Commands

(defun codanna-lsp--get-server ()
  "Return the connection that serves this buffer, else any, or say there is none."
  (or (codanna-lsp--server)
      (seq-some (lambda (buffer)
                  (with-current-buffer buffer (codanna-lsp--server)))
                (buffer-list))
      (user-error "Codanna-lsp does not serve this buffer: try M-x eglot")))

(defun codanna-lsp--describe-root (root)
  "Return what codanna/status has to say of one ROOT, as text."
  (concat
   (format "%s: %d files, %d symbols, generation %d\n"
           (plist-get root :name) (plist-get root :files)
           (plist-get root :symbols) (plist-get root :generation))
   (mapconcat (lambda (text) (format "  %s\n" text))
              (seq-remove #'string-empty-p
                          (list (plist-get root :folder)
                                (plist-get root :reason)
                                (plist-get root :narrow)
                                (plist-get root :hidden)
                                (plist-get root :fallback)
                                (or (plist-get root :watchTrouble) "")))
              "")
   (if (zerop (plist-get root :skippedCount))
       ""
     (format "  %d files are not indexed\n" (plist-get root :skippedCount)))
   (mapconcat (lambda (incident) (format "  %s\n" (plist-get incident :message)))
              (plist-get root :incidents) "")))

;;;###autoload
(defun codanna-lsp-status ()
  "Show the index's content and place, and what was repaired."
  (interactive)
  (let ((status (jsonrpc-request (codanna-lsp--get-server) :codanna/status
                                 (make-hash-table))))
    (with-help-window "*codanna-lsp status*"
      (princ (format "%s %s: %s%s\n\n%s"
                     (plist-get status :name) (plist-get status :version)
                     (downcase (plist-get status :state))
                     (if (eq (plist-get status :partial) t)
                         ", answers are partial" "")
                     (mapconcat #'codanna-lsp--describe-root
                                (plist-get status :roots) "\n"))))))

(defun codanna-lsp--execute (command done)
  "Have the server execute COMMAND, and call DONE with what it answers."
  (jsonrpc-async-request
   (codanna-lsp--get-server) :workspace/executeCommand (list :command command)
   :timeout 86400 ; the largest workspace takes minutes
   :success-fn done
   :error-fn (jsonrpc-lambda (&key message &allow-other-keys)
               (message "codanna-lsp: %s" message))))

;;;###autoload
(defun codanna-lsp-repair ()
  "Mend what is damaged in the index."
  (interactive)
  (codanna-lsp--execute
   "codanna.repair"
   (lambda (roots)
     (message "codanna-lsp: %s"
              (cond
               ((seq-some (lambda (root) (not (eq (plist-get root :repaired) t)))
                          roots)
                "the index could not be written; see the log")
               ((seq-every-p (lambda (root)
                               (seq-empty-p (plist-get root :problems)))
                             roots)
                "nothing was damaged")
               (t "the index was repaired"))))))

;;;###autoload
(defun codanna-lsp-rebuild ()
  "Build the index anew from the source files."
  (interactive)
  (codanna-lsp--execute
   "codanna.rebuild" (lambda (_) (message "codanna-lsp: the index was rebuilt")))
  (message "codanna-lsp: the index is being rebuilt"))

(provide 'codanna-lsp)
;;; codanna-lsp.el ends here
