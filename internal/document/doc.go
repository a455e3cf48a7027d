// Package document writes and reads what people hold in their hands: PDF, XLSX, canonical JSON.
//
// A file of changes comes as CSV or JSON. Both have the same columns, named by
// the wire's words or by their Japanese labels; closed vocabularies are read in
// both, too. What cannot be read is told with its row and column, all at once.
package document
