; Where local names bind in C and in C++. The captures: see python/scopes.scm.

(parameter_declaration declarator: (identifier) @parameter)
(pointer_declarator declarator: (identifier) @variable)
(array_declarator declarator: (identifier) @variable)
(parenthesized_declarator (identifier) @variable)
(init_declarator declarator: (identifier) @variable)
(declaration declarator: (identifier) @variable)
(preproc_params (identifier) @parameter)
(compound_statement (type_definition declarator: (type_identifier) @type))
