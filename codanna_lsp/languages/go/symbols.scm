; What a Go file declares, calls, mentions and imports. Capture names: see
; extraction/captures.py.

; A declaration of one thing spans its keyword; a group's members stand alone.
(type_declaration . (type_spec) .) @wrap
(type_declaration . (type_alias) .) @wrap
(const_declaration . (const_spec) .) @wrap
(var_declaration . (var_spec) .) @wrap

(function_declaration
  name: (identifier) @name body: (block)? @body) @def.function
(function_declaration result: (_) @type)
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @scope
    (generic_type type: (type_identifier) @scope)
    (pointer_type [
      (type_identifier) @scope
      (generic_type type: (type_identifier) @scope)])]))
  name: (field_identifier) @name body: (block)? @body) @def.method
(method_declaration result: (_) @type)

(type_spec name: (type_identifier) @name) @def.type_alias
(type_spec type: [
  (slice_type) (array_type) (map_type) (pointer_type) (channel_type) (generic_type)
  (type_identifier) (qualified_type)] @type)
(type_spec name: (type_identifier) @name
  type: (struct_type (field_declaration_list) @body)) @def.struct
(type_spec name: (type_identifier) @name type: (interface_type) @body) @def.interface
(type_alias name: (type_identifier) @name type: (_) @type) @def.type_alias

(field_declaration name: (field_identifier) @name) @def.field
(field_declaration name: (field_identifier) type: (_) @type)
(field_declaration !name type: (_) @extends)
(method_elem name: (field_identifier) @name) @def.method
(method_elem result: (_) @type)
(interface_type (type_elem [(type_identifier) (qualified_type)] @extends))

(source_file (const_declaration
  (const_spec (identifier) @name) @def.constant))
(source_file (const_declaration (const_spec type: (_) @type)))
(source_file (var_declaration [
  (var_spec name: (identifier) @name) @def.variable
  (var_spec_list (var_spec name: (identifier) @name) @def.variable)]))
(source_file (var_declaration [
  (var_spec type: (_) @type)
  (var_spec_list (var_spec type: (_) @type))]))
(source_file (var_declaration [
  (var_spec value: (expression_list . [
    (call_expression function: [(identifier) (selector_expression)] @made)
    (composite_literal type: (_) @made)
    (unary_expression operand: (composite_literal type: (_) @made))]))
  (var_spec_list (var_spec value: (expression_list . [
    (call_expression function: [(identifier) (selector_expression)] @made)
    (composite_literal type: (_) @made)
    (unary_expression operand: (composite_literal type: (_) @made))])))]))

(call_expression function: [(identifier) (selector_expression)] @call)
(parameter_declaration type: (_) @uses)
(variadic_parameter_declaration type: (_) @uses)
(function_declaration result: (_) @uses)
(method_declaration result: (_) @uses)
(field_declaration name: (_) type: (_) @uses)
(composite_literal type: [(type_identifier) (qualified_type) (generic_type)] @uses)
(var_spec type: (_) @uses)

(import_spec) @import
