// Package proto holds the wire contract; what is generated from it stands beside it in meibo/v1.
package proto

//go:generate go tool -modfile=tools.mod buf lint
//go:generate go tool -modfile=tools.mod buf generate
