// Package document writes and reads what people hold in their hands: PDF, XLSX, canonical JSON.
//
// A file of changes comes as CSV, XLSX or JSON with the same columns. In CSV and
// XLSX they are named by the wire's words or by their Japanese labels, in JSON by
// the words; closed vocabularies are read in both. What cannot be read is told with
// its row and column, all at once.
package document
