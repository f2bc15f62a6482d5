; What C++ says beyond C; the rest is in c/symbols.scm.

(template_declaration) @wrap

(namespace_definition name: (_)? @name body: (_) @body) @def.namespace
(namespace_alias_definition name: (_) @name) @def.namespace
(class_specifier name: [
  (type_identifier) @name
  (template_type name: (_) @name)] body: (_) @body) @def.class
(struct_specifier
  name: (template_type name: (_) @name) body: (_) @body) @def.struct
(class_specifier name: (qualified_identifier
  scope: (_) @scope name: (type_identifier) @name) body: (_) @body) @def.class
(struct_specifier name: (qualified_identifier
  scope: (_) @scope name: (type_identifier) @name) body: (_) @body) @def.struct
(alias_declaration name: (type_identifier) @name type: (_) @type) @def.type_alias
(concept_definition name: (identifier) @name) @def.interface

(declaration type: [
  (qualified_identifier) (template_type) (placeholder_type_specifier)] @type)
(field_declaration type: [(qualified_identifier) (template_type)] @type)
(type_definition type: [(qualified_identifier) (template_type)] @type)

(field_declaration_list (declaration) @def.variable)
(template_declaration (declaration) @def.variable)
(function_definition body: (try_statement) @body)
(function_definition (field_initializer_list) @body)
(function_definition (default_method_clause)) @def.function
(function_definition (delete_method_clause)) @def.function
(function_declarator declarator: [
  (field_identifier) @name
  (destructor_name) @name
  (operator_name) @name
  (template_function name: (identifier) @name)
  (qualified_identifier
    scope: [
      (namespace_identifier) @scope
      (template_type name: (_) @scope)]
    name: [
      (identifier) @name
      (destructor_name) @name
      (operator_name) @name
      (template_function name: (_) @name)])
  (qualified_identifier name: (qualified_identifier
    scope: [
      (namespace_identifier) @scope
      (template_type name: (_) @scope)]
    name: [
      (identifier) @name
      (destructor_name) @name
      (operator_name) @name
      (template_function name: (_) @name)]))
  (qualified_identifier name: (qualified_identifier name: (qualified_identifier
    scope: [
      (namespace_identifier) @scope
      (template_type name: (_) @scope)]
    name: [
      (identifier) @name
      (destructor_name) @name
      (operator_name) @name])))])
(declaration declarator: [
  (qualified_identifier scope: (_) @scope name: (identifier) @name)
  (init_declarator declarator:
    (qualified_identifier scope: (_) @scope name: (identifier) @name))
  (reference_declarator (identifier) @name)
  (init_declarator declarator: (reference_declarator (identifier) @name))])
(field_declaration declarator: (reference_declarator (field_identifier) @name))

(call_expression function: [
  (qualified_identifier name: (identifier)) @call
  (qualified_identifier name: (qualified_identifier name: (identifier))) @call
  (qualified_identifier name: (template_function name: (_) @call))
  (template_function name: (_) @call)])
(new_expression type: [
  (type_identifier) @call
  (qualified_identifier) @call
  (template_type name: (_) @call)])
(base_class_clause [
  (type_identifier) @extends
  (qualified_identifier) @extends
  (template_type name: (_) @extends)])
(parameter_declaration type: [(qualified_identifier) (template_type)] @uses)
(field_declaration type: [(qualified_identifier) (template_type)] @uses)
(function_definition type: [(qualified_identifier) (template_type)] @uses)
(alias_declaration type: (_) @uses)

(using_declaration) @import
