package rpc

var (
	LineFromWire   = lineFromWire
	LinesFromWire  = linesFromWire
	LineToWire     = lineToWire
	MasterFromWire = masterFromWire
	MasterToWire   = masterToWire
)
