; What a Java file declares, calls, mentions and imports. Capture names: see
; extraction/captures.py.

(package_declaration [(identifier) (scoped_identifier)] @name) @def.package
(class_declaration name: (identifier) @name body: (_) @body) @def.class
(record_declaration name: (identifier) @name body: (_) @body) @def.class
(record_declaration parameters: (formal_parameters
  (formal_parameter type: (_) @type name: (identifier) @name) @def.field))
(interface_declaration name: (identifier) @name body: (_) @body) @def.interface
(annotation_type_declaration
  name: (identifier) @name body: (_) @body) @def.interface
(annotation_type_element_declaration
  type: (_) @type name: (identifier) @name) @def.method
(enum_declaration name: (identifier) @name body: (_) @body) @def.enum
(enum_constant name: (identifier) @name body: (_)? @body) @def.enum_member
(method_declaration type: (_) @type name: (identifier) @name) @def.method
(method_declaration body: (_) @body)
(constructor_declaration name: (identifier) @name body: (_) @body) @def.constructor
(compact_constructor_declaration
  name: (identifier) @name body: (_) @body) @def.constructor
(field_declaration type: (_) @type
  declarator: (variable_declarator name: (identifier) @name)) @def.field
(constant_declaration type: (_) @type
  declarator: (variable_declarator name: (identifier) @name)) @def.constant

(method_invocation name: (identifier) @call)
(method_invocation object: (_) @receiver)
(object_creation_expression type: [
  (type_identifier) @call
  (scoped_type_identifier) @call
  (generic_type . [(type_identifier) (scoped_type_identifier)] @call)])
(explicit_constructor_invocation constructor: (_) @call)

(superclass [
  (type_identifier) @extends
  (scoped_type_identifier) @extends
  (generic_type . (_) @extends)])
(extends_interfaces (type_list [
  (type_identifier) @extends
  (scoped_type_identifier) @extends
  (generic_type . (_) @extends)]))
(super_interfaces (type_list [
  (type_identifier) @implements
  (scoped_type_identifier) @implements
  (generic_type . (_) @implements)]))
(field_declaration type: [(type_identifier) (generic_type) (array_type)] @uses)
(method_declaration type: [(type_identifier) (generic_type) (array_type)] @uses)
(formal_parameter type: [(type_identifier) (generic_type) (array_type)] @uses)
(local_variable_declaration
  type: [(type_identifier) (generic_type) (array_type)] @uses)
(catch_type (type_identifier) @uses)
(throws (type_identifier) @uses)
(cast_expression type: [(type_identifier) (generic_type)] @uses)
(marker_annotation name: (_) @uses)
(annotation name: (_) @uses)

(import_declaration) @import
