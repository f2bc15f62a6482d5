; What only the JavaScript grammar says; the rest is in ecma.scm.

(class_heritage [(identifier) (member_expression)] @extends)
(class_heritage (call_expression arguments: (arguments (identifier) @extends)))
(field_definition
  property: [(property_identifier) (private_property_identifier)] @name) @def.field
(field_definition
  property: [(property_identifier) (private_property_identifier)] @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @def.method
(field_definition value: (new_expression
  constructor: [(identifier) (member_expression)] @made))

; JSX elements call their component; those of HTML have lower-case names.
((jsx_opening_element name: [(identifier) (member_expression)] @call)
  (#match? @call "^[A-Z_$]|[.]"))
((jsx_self_closing_element name: [(identifier) (member_expression)] @call)
  (#match? @call "^[A-Z_$]|[.]"))
