// Package outbox carries notices to the city until they are acknowledged.
//
// The ledger's notices are the queue. Run takes those that are due, one at a time
// for each contract and receiver, sends them, and tells the ledger what each
// attempt came to. A crash between sending and telling leaves a notice whose
// lease runs out; it is sent again under the same message id and marked as
// possibly sent twice.
//
// A contract names one way to the city: mail without names, encrypted mail with the
// roster, a webhook without names, or a sealed package that a person carries. But for
// what is encrypted or carried, nothing that leaves here speaks of a person.
package outbox
