; Where local names bind in Go. The captures: see python/scopes.scm.

(parameter_declaration name: (identifier) @parameter)
(variadic_parameter_declaration name: (identifier) @parameter)
(type_parameter_declaration name: (identifier) @type_parameter)
(method_declaration receiver: (parameter_list (parameter_declaration type: [
  (generic_type type_arguments: (type_arguments
    (type_elem (type_identifier) @type_parameter)))
  (pointer_type (generic_type type_arguments: (type_arguments
    (type_elem (type_identifier) @type_parameter))))])))
(short_var_declaration left: (expression_list (identifier) @variable))
(var_spec name: (identifier) @variable)
(const_spec (identifier) @variable)
(range_clause left: (expression_list (identifier) @variable))
(receive_statement left: (expression_list (identifier) @variable))
(type_switch_statement alias: (expression_list (identifier) @variable))
(function_declaration name: (identifier) @function.outer)
(type_spec name: (type_identifier) @type)
(type_alias name: (type_identifier) @type)
(import_spec name: (package_identifier) @import)
