--- What makes a client of Neovim ours: where it starts, what it is told, how it ends.
---
--- Invariant: one message a trouble; a server that keeps ending is not started for ever.

local M = {}

M.name = "codanna_lsp"

-- The commands and the status are those of this server, and of newer ones.
M.oldest_server = "0.1.0"

M.filetypes = {
  "c",
  "cpp",
  "go",
  "java",
  "javascript",
  "javascriptreact",
  "python",
  "rust",
  "typescript",
  "typescriptreact",
}

-- The whole repository where there is one, else the project around the file.
local ROOTS = {
  { ".codanna", ".git" },
  { "pyproject.toml", "package.json", "go.mod", "Cargo.toml", "pom.xml", "compile_commands.json" },
}

-- A server that says nothing for so long is not one of ours, or its stdout is not only its own.
M.answers_within_ms = 30000

local MAX_RESTARTS = 3
local RESTARTS_WITHIN_MS = 180000

-- The server tells its health only to clients that say that they listen.
M.capabilities = { experimental = { serverStatusNotification = true } }

local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }

---@class codanna_lsp.State
---@field health string "ok", "warning" or "error"
---@field quiescent boolean false while the index is built or compared
---@field message? string what is wrong
---@field percentage? integer of the index run
---@field is_begun boolean the server has answered `initialize`
---@field buffers table<integer, true>
---@field said table<string, true>

---@type table<integer, codanna_lsp.State>
local states = {}
local restarts = {} ---@type integer[]
local given_up = false

---@return codanna_lsp.State
local function state_of(client_id)
  local state = states[client_id]
  if not state then
    state = { health = "ok", quiescent = false, is_begun = false, buffers = {}, said = {} }
    states[client_id] = state
  end
  return state
end

--- What was last told of a client's health.
---@return codanna_lsp.State
function M.state(client_id) return state_of(client_id) end

--- The client that serves a buffer, or else any.
function M.find(bufnr)
  return vim.lsp.get_clients({ name = M.name, bufnr = bufnr or 0 })[1] or vim.lsp.get_clients({ name = M.name })[1]
end

--- Show a message, in the way that the user has chosen for all of them.
function M.notify(text, level) vim.notify(text, level, { title = "codanna-lsp" }) end

local function changed()
  vim.api.nvim_exec_autocmds("User", { pattern = "CodannaLspStatus", modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

-- ---- where it starts

local function program()
  local config = vim.lsp.config and vim.lsp.config[M.name] or M.fallback_config
  local cmd = config and config.cmd
  return type(cmd) == "table" and cmd[1] or nil
end

--- The Python that a script names and that is not there: its environment was moved.
---@return string?
function M.lost_interpreter(name)
  local file = io.open(vim.fn.exepath(name), "rb")
  if not file then return end
  local wanted = (file:read(256) or ""):match("^#!%s*(/%S+)")
  file:close()
  if wanted and vim.fn.executable(wanted) == 0 then return wanted end
end

-- What is said of a program that is missing or cannot run; nil when all is well.
local function missing()
  local name = program()
  if not name then return end
  local lost = M.lost_interpreter(name)
  if lost then
    return ("codanna-lsp is not started: %s is run by %s, which is not there. Install it anew, or set `cmd`; see :checkhealth codanna_lsp"):format(
      name,
      lost
    )
  end
  if vim.fn.executable(name) == 0 then
    return ("codanna-lsp is not started: there is no program %q. Install it (pip install codanna-lsp), or set `cmd`; see :checkhealth codanna_lsp"):format(
      name
    )
  end
end

--- Whether a server can be started; what hinders it is said once.
function M.may_start()
  if given_up then return false end
  local hindrance = missing()
  if hindrance then vim.notify_once(hindrance, vim.log.levels.WARN, { title = "codanna-lsp" }) end
  return hindrance == nil
end

--- Whether the user has said that it is to be started; nil where nobody can tell.
---@return boolean?
function M.is_enabled()
  if vim.lsp.is_enabled then return vim.lsp.is_enabled(M.name) end
  if not vim.lsp.enable then return M.fallback_config ~= nil end
end

--- Say that the program is missing when a file of ours is opened: Neovim 0.11 looks for it
--- before it asks for `root_dir`, and says nothing.
function M.look_for_program()
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("codanna_lsp_program", {}),
    pattern = M.filetypes,
    callback = M.may_start_quietly,
  })
  vim.schedule(function()
    if vim.tbl_contains(M.filetypes, vim.bo.filetype) then M.may_start() end
  end)
end

-- An autocommand whose callback returns true is removed.
function M.may_start_quietly() M.may_start() end

--- The folder that a buffer's file belongs to; nil for a file that stands alone.
function M.find_root(bufnr)
  local config = vim.lsp.config and vim.lsp.config[M.name] or M.fallback_config or {}
  for _, markers in ipairs(config.root_markers and { config.root_markers } or ROOTS) do
    local root = vim.fs.root(bufnr, markers)
    if root then return root end
  end
end

--- Neovim 0.11's `root_dir`: not calling `on_dir` leaves the buffer alone.
function M.root_dir(bufnr, on_dir)
  local is_remote = vim.api.nvim_buf_get_name(bufnr):match("^%a[%w+.-]+://")
  if not is_remote and M.may_start() then on_dir(M.find_root(bufnr)) end
end

-- ---- what it is told

M.handlers = {
  ["window/showMessage"] = function(_, params, ctx)
    local state = state_of(ctx.client_id)
    if not state.said[params.message] then
      state.said[params.message] = true
      M.notify(params.message, LEVELS[params.type] or vim.log.levels.INFO)
    end
    return params
  end,
  ["experimental/serverStatus"] = function(_, params, ctx)
    local state = state_of(ctx.client_id)
    state.health, state.quiescent, state.message = params.health, params.quiescent, params.message
    if state.quiescent then state.percentage = nil end
    changed()
  end,
}

vim.api.nvim_create_autocmd("LspProgress", {
  group = vim.api.nvim_create_augroup("codanna_lsp_progress", {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if not client or client.name ~= M.name then return end
    local value = event.data.params.value
    state_of(client.id).percentage = value.kind ~= "end" and value.percentage or nil
    changed()
  end,
})

-- ---- how it begins and ends

local begun, ended_count, asked = 0, 0, 0

local function has_begun(client_id)
  local state = state_of(client_id)
  if not state.is_begun then begun = begun + 1 end
  state.is_begun = true
  return state
end

--- Say it once when a server neither answers nor ends.
function M.before_init()
  asked = asked + 1
  local mine = asked
  vim.defer_fn(function()
    if begun + ended_count < mine then
      M.notify(
        "codanna-lsp does not answer: what it writes to stdout may be no messages of a server; see :checkhealth codanna_lsp, then :LspCodannaRestart",
        vim.log.levels.ERROR
      )
    end
  end, M.answers_within_ms)
end

--- Say that the server does not fit; what it answers all the same is shown.
function M.on_init(client, answer)
  has_begun(client.id)
  local told = answer and answer.serverInfo or client.server_info or {}
  if M.is_too_old(told.version) then
    M.notify(
      ("codanna-lsp %s is too old, this plugin needs %s or newer: upgrade it (pip install --upgrade codanna-lsp), then :LspCodannaRestart"):format(
        told.version,
        M.oldest_server
      ),
      vim.log.levels.WARN
    )
  end
end

function M.is_too_old(version)
  local given = version and vim.version.parse(version, { strict = false })
  return given ~= nil and vim.version.lt(given, M.oldest_server)
end

-- By an autocommand: an `on_attach` or `on_init` of the user's stands in the place of ours.
vim.api.nvim_create_autocmd("LspAttach", {
  group = vim.api.nvim_create_augroup("codanna_lsp_attach", {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if not client or client.name ~= M.name then return end
    has_begun(client.id).buffers[event.buf] = true
    changed()
  end,
})

-- Never the old client, which may not be gone yet.
local function never() return false end

local function start_again(config, buffers)
  local id ---@type integer?
  for bufnr in pairs(buffers) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      if id then
        vim.lsp.buf_attach_client(bufnr, id)
      else
        id = vim.lsp.start(config, { bufnr = bufnr, reuse_client = never })
      end
    end
  end
end

--- Whether it ended because somebody asked it to.
local function was_wanted(code, signal, is_begun)
  return vim.v.exiting ~= vim.NIL or (is_begun and code == 0 and signal == 0) or signal == 15 or code == 143
end

local function ended(code, signal, client_id, config)
  local state = state_of(client_id)
  states[client_id] = nil
  if not state.is_begun then ended_count = ended_count + 1 end
  changed()
  if was_wanted(code, signal, state.is_begun) then return end
  local how = signal ~= 0 and ("signal " .. signal) or ("exit code " .. code)
  local now = vim.uv.now()
  restarts = vim.tbl_filter(function(at) return now - at < RESTARTS_WITHIN_MS end, restarts)
  if state.is_begun and config and #restarts < MAX_RESTARTS then
    table.insert(restarts, now)
    start_again(config, state.buffers)
    return
  end
  given_up = true
  local when = state.is_begun and "again and again" or "before it had started"
  M.notify(
    ("codanna-lsp ended %s (%s) and is not started again: see :checkhealth codanna_lsp, then :LspCodannaRestart"):format(when, how),
    vim.log.levels.ERROR
  )
end

function M.on_exit(code, signal, client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  local config = client and client.config
  -- Soon, and not when the old client is gone: before that Neovim shows a message of its
  -- own, and everything waits until the user has pressed a key.
  vim.schedule(function() ended(code, signal, client_id, config) end)
end

-- One that does not answer is listed only so.
local function all_clients() return vim.lsp.get_clients({ name = M.name, _uninitialized = true }) end

local function stop(client)
  local is_method = vim.fn.has("nvim-0.11") == 1
  local function is_gone() return vim.lsp.get_client_by_id(client.id) == nil end
  for _, force in ipairs({ false, true }) do
    if is_method then client:stop(force) else client.stop(force) end
    if vim.wait(3000, is_gone, 20) then return end
  end
end

-- As if the open files were opened now.
local function start_for_open_files()
  if vim.lsp.enable then
    vim.lsp.enable(M.name)
    return
  end
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) and vim.bo[bufnr].filetype ~= "" then
      vim.api.nvim_exec_autocmds("FileType", { group = "codanna_lsp_start", buffer = bufnr, modeline = false })
    end
  end
end

--- Start the server anew, also after it was given up.
function M.restart()
  given_up, restarts = false, {}
  local clients, hindrance = all_clients(), missing()
  if #clients == 0 and M.is_enabled() == false then hindrance = "codanna-lsp is not enabled: see :checkhealth codanna_lsp" end
  if hindrance then
    M.notify(hindrance, vim.log.levels.WARN)
    return
  end
  for _, client in ipairs(clients) do
    local config, buffers = client.config, vim.deepcopy(client.attached_buffers)
    stop(client)
    start_again(config, buffers)
  end
  if #clients == 0 then start_for_open_files() end
end

return M
