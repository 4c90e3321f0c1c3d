// ControlText
