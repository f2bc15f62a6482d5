; Where names bind in TypeScript alone.

(required_parameter pattern: (identifier) @parameter)
(optional_parameter pattern: (identifier) @parameter)
(type_parameter name: (type_identifier) @type_parameter)
(mapped_type_clause name: (type_identifier) @type_parameter)
(infer_type (type_identifier) @type_parameter)

(class_declaration name: (type_identifier) @class.outer)
(abstract_class_declaration name: (type_identifier) @class.outer)
(class name: (type_identifier) @class)
(interface_declaration name: (type_identifier) @class.outer)
(type_alias_declaration name: (type_identifier) @type.outer)
(enum_declaration name: (identifier) @class.outer)
(internal_module name: (identifier) @namespace)
(module name: (identifier) @namespace)
(function_signature name: (identifier) @function.outer)
(import_require_clause (identifier) @import)
(import_alias . (identifier) @import)
