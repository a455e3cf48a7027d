// Package meibov1 is the wire contract and what is generated from it.
package meibov1

import _ "embed"

// OpenAPI describes the JSON form of the contract.
//
//go:embed meibo.swagger.json
var OpenAPI []byte
