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

; Any assignment; the engine drops those in functions (locals are no symbols).
(assignment left: (identifier)) @assigned.variable
(assignment left: (attribute)) @member
(assignment left: (pattern_list [
  (identifier) @assigned.variable
  (attribute) @member]))
(assignment left: (tuple_pattern (identifier) @assigned.variable))
(named_expression name: (identifier)) @assigned.variable
(assignment type: (type) @type)
; Of locals too, which are dropped with their assignments: a pattern that begins at the
; module or the class stays open over all that is in it, and slows every node down.
(assignment right: (call function: [(identifier) (attribute)] @made))

(type) @uses
(call function: [(identifier) (attribute)] @call)

(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import
