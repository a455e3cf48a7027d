package rpc

var (
	// Queries are the parameters that paths take.
	Queries = queries

	StrictObject   = strictObject
	CountParts     = countParts
	LineFromWire   = lineFromWire
	LinesFromWire  = linesFromWire
	LineToWire     = lineToWire
	MasterFromWire = masterFromWire
	MasterToWire   = masterToWire
	StatusOf       = statusOf
)

const (
	MaxParts     = maxParts
	RoomOfHeader = roomOfHeader
	RoomOfBody   = roomOfBody
)
