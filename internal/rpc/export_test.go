package rpc

var (
	// Queries are the parameters that paths take.
	Queries = queries

	StrictObject   = strictObject
	LineFromWire   = lineFromWire
	LinesFromWire  = linesFromWire
	LineToWire     = lineToWire
	MasterFromWire = masterFromWire
	MasterToWire   = masterToWire
	StatusOf       = statusOf
)

const (
	RoomOfHeader = roomOfHeader
	RoomOfBody   = roomOfBody
)
