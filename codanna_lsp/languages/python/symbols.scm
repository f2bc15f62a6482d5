; What a Python file declares, calls, mentions and imports. Capture names are
; explained in extraction/captures.py.

(decorated_definition) @wrap
(decorator [(identifier) (attribute)] @uses)

(function_definition
  name: (identifier) @name
  body: (block) @body) @def.function
(function_definition return_type: (type) @type)

(class_definition
  name: (identifier) @name
  body: (block) @body) @def.class
(class_definition superclasses: (argument_list [
  (identifier) @extends
  (attribute) @extends
  (subscript value: [(identifier) (attribute)] @extends)]))

(type_alias_statement left: (type [
  (identifier) @name
  (generic_type . (identifier) @name)])) @def.type_alias

; Variables of the module, also under if, try and with. Locals are no symbols.
(module (expression_statement (assignment left: [
  (identifier) @name
  (pattern_list (identifier) @name)
  (tuple_pattern (identifier) @name)]) @def.variable))
(module (expression_statement (assignment
  right: (assignment left: (identifier) @name))))
(module (expression_statement (assignment
  right: (call function: [(identifier) (attribute)] @made))))
(module [
  (if_statement (block (expression_statement
    (assignment left: (identifier) @name) @def.variable)))
  (if_statement [(elif_clause (block (expression_statement
      (assignment left: (identifier) @name) @def.variable)))
    (else_clause (block (expression_statement
      (assignment left: (identifier) @name) @def.variable)))])
  (try_statement (block (expression_statement
    (assignment left: (identifier) @name) @def.variable)))
  (try_statement [(except_clause (block (expression_statement
      (assignment left: (identifier) @name) @def.variable)))
    (else_clause (block (expression_statement
      (assignment left: (identifier) @name) @def.variable)))])
  (with_statement (block (expression_statement
    (assignment left: (identifier) @name) @def.variable)))
])
(named_expression name: (identifier) @name) @def.variable

; Attributes of a class, in its body and through `self`.
(class_definition body: (block (expression_statement (assignment left: [
  (identifier) @name
  (pattern_list (identifier) @name)]) @def.field)))
(class_definition body: (block (expression_statement (assignment
  right: (call function: [(identifier) (attribute)] @made)))))
(class_definition body: (block (if_statement (block (expression_statement
  (assignment left: (identifier) @name) @def.field)))))
(assignment left: (attribute) @member) @def.field
(assignment left: (pattern_list (attribute) @member)) @def.field
(assignment left: (attribute)
  right: (call function: [(identifier) (attribute)] @made))
(assignment type: (type) @type)

(type) @uses
(call function: [(identifier) (attribute)] @call)

(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import
