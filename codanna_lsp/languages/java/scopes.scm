; Where local names bind in Java. The captures: see python/scopes.scm.

(formal_parameter name: (identifier) @parameter)
(spread_parameter (variable_declarator name: (identifier) @parameter))
(inferred_parameters (identifier) @parameter)
(lambda_expression parameters: (identifier) @parameter)
(catch_formal_parameter name: (identifier) @parameter)
(local_variable_declaration declarator: (variable_declarator name: (identifier) @variable))
(enhanced_for_statement name: (identifier) @variable)
(resource name: (identifier) @variable)
(instanceof_expression name: (identifier) @variable.hoisted)
(record_pattern_component (identifier) @variable.hoisted)
(type_parameter . (type_identifier) @type_parameter)
(block (class_declaration name: (identifier) @class.outer))
