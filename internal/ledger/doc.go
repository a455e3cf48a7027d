// Package ledger carries out what people and programs ask of the roster, one transaction each.
//
// It alone opens the store. What changes anything passes one function, write: it
// finds the answer that was given to the caller's idempotency key before, or lets
// the ground decide on the books that the transaction read, and records the rows
// together with the Entry that answers for them. What decides passes one other,
// Check: it reads the person's own rows and the revision in one snapshot, lets
// authz decide, makes the decision durable, and gives it out only if the ledger
// has not moved on since; without a durable record there is no allow.
//
//	Submit, Approve, Sign, Acknowledge …          Check
//	   │ who may (authz.Roles)                      │ Standing, in one View
//	   ▼                                            ▼
//	write: Book → decision → rows + Entry        authz.Decide
//	   │                                            │
//	   ▼                                            ▼
//	one transaction, one revision more           record, then read the revision again
//
// Reconcile is how the directory speaks: whoever reads it hands on a Report, whose
// Judge says, as of the Picture that the transaction reads, what of it may be put in
// force; the bookmark is kept with it. What is too much to be believed is a hold,
// for a person to settle. How old the directory's last word is comes into every
// check by the machine's own clock.
//
// Errors are of the kinds in package meibo. What another organization owns is
// ErrNotFound; what the caller may see but not do is ErrForbidden.
package ledger
