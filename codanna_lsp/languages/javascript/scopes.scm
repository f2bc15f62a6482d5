; Where names bind in JavaScript alone.

(formal_parameters (identifier) @parameter)
(class_declaration name: (identifier) @class.outer)
(class name: (identifier) @class)
