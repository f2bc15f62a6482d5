; What only the TypeScript grammars say; the rest is in javascript/ecma.scm.

(ambient_declaration) @wrap

(abstract_class_declaration name: (_) @name body: (class_body) @body) @def.class
(interface_declaration name: (_) @name body: (_) @body) @def.interface
(type_alias_declaration name: (_) @name value: (_) @body) @def.type_alias
(type_alias_declaration value: [
  (type_identifier) (nested_type_identifier) (generic_type) (union_type)
  (intersection_type) (array_type) (lookup_type) (readonly_type)
  (parenthesized_type) (function_type) (type_query) (tuple_type)
  (index_type_query) (conditional_type)] @type)
(type_alias_declaration value:
  (object_type (index_signature (mapped_type_clause))) @type)
; An object literal with a type beside it; without one see javascript/ecma.scm.
(program [
  (lexical_declaration (variable_declarator value: [
    (as_expression (object (pair key: (property_identifier) @name) @def.property))
    (satisfies_expression
      (object (pair key: (property_identifier) @name) @def.property))]))
  (export_statement (lexical_declaration (variable_declarator value: [
    (as_expression (object (pair key: (property_identifier) @name) @def.property))
    (satisfies_expression
      (object (pair key: (property_identifier) @name) @def.property))])))])
(enum_declaration name: (_) @name body: (enum_body) @body) @def.enum
(enum_body name: (property_identifier) @name @def.enum_member)
(enum_body name: (string (string_fragment) @name) @def.enum_member)
(enum_assignment name: [
  (property_identifier) @name
  (string (string_fragment) @name)]) @def.enum_member
(internal_module name: (_) @name body: (_) @body) @def.namespace
(module name: (identifier) @name body: (_) @body) @def.namespace
(module name: (string (string_fragment) @name) body: (_)? @body) @def.module
(function_signature name: (_) @name) @def.function
(method_signature name: (property_identifier) @name) @def.method
(abstract_method_signature name: (property_identifier) @name) @def.method
(property_signature name: [
  (property_identifier) @name
  (string (string_fragment) @name)]) @def.property
(public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name) @def.field
(public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name
  value: [
    (arrow_function body: (_) @body)
    (function_expression body: (_) @body)]) @def.method
(public_field_definition value: (new_expression
  constructor: [(identifier) (member_expression)] @made))
; A constructor's parameter with an access modifier is a field of its class.
(required_parameter (accessibility_modifier)
  pattern: (identifier) @name) @def.field
(optional_parameter (accessibility_modifier)
  pattern: (identifier) @name) @def.field

(ambient_declaration [
  (lexical_declaration (variable_declarator name: (identifier) @name) @def.constant)
  (variable_declaration (variable_declarator name: (identifier) @name) @def.variable)])

(function_declaration return_type: (type_annotation (_) @type))
(function_signature return_type: (type_annotation (_) @type))
(method_definition return_type: (type_annotation (_) @type))
(method_signature return_type: (type_annotation (_) @type))
(abstract_method_signature return_type: (type_annotation (_) @type))
(variable_declarator
  value: (arrow_function return_type: (type_annotation (_) @type)))
(variable_declarator type: (type_annotation (_) @type))
(public_field_definition type: (type_annotation (_) @type))
(property_signature type: (type_annotation (_) @type))
(required_parameter (accessibility_modifier) type: (type_annotation (_) @type))
(optional_parameter (accessibility_modifier) type: (type_annotation (_) @type))

(extends_clause value: [(identifier) (member_expression)] @extends)
(extends_type_clause type: [
  (type_identifier) @extends
  (nested_type_identifier) @extends
  (generic_type name: (_) @extends)])
(implements_clause [
  (type_identifier) @implements
  (nested_type_identifier) @implements
  (generic_type name: (_) @implements)])
(type_annotation) @uses
(type_alias_declaration value: [
  (type_identifier) (nested_type_identifier) (generic_type) (union_type)
  (intersection_type) (array_type) (lookup_type) (index_type_query)
  (conditional_type) (readonly_type) (tuple_type)] @uses)
(type_arguments) @uses
(as_expression (_) [(type_identifier) (generic_type)] @uses)

(import_alias) @import
