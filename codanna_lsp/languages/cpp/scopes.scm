; Where local names bind in C++ alone.

(optional_parameter_declaration declarator: (identifier) @parameter)
(variadic_declarator (identifier) @parameter)
(reference_declarator (identifier) @variable)
(structured_binding_declarator (identifier) @variable)
(for_range_loop declarator: (identifier) @variable)
(type_parameter_declaration (type_identifier) @type_parameter)
(variadic_type_parameter_declaration (type_identifier) @type_parameter)
(template_parameter_list (parameter_declaration declarator: (identifier) @type_parameter))
; `Slice key(buf, sizeof(buf));` reads like a prototype; in a body it is none.
(compound_statement (declaration declarator:
  (function_declarator declarator: (identifier) @variable)))
(compound_statement (alias_declaration name: (type_identifier) @type))
