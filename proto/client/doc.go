// Package client asks meibo for a Go program, keeps an allow no longer than it may, and takes everything unclear for a denial.
//
// What a program gets:
//
//   - An answer is used for the question that was asked and for no other: the
//     cache's key is SHA-256 over every field of the question, each with its length.
//   - Every error, a timeout, an answer that cannot be read: denied. Of a nil
//     [Decision] Allowed is false, so that a forgotten error lets nobody in.
//   - A denial is never kept. An allow is kept for its max_age at most, counted from
//     before the question was sent, by whichever clock ran faster; one whose max_age
//     is 0 never. So an allow is not given longer than max_age after what it stood on
//     was taken away (R5).
//   - An allow dies, too, when an answer to any question shows that the ledger has
//     moved on, unless a watch says that what it stood on was not touched.
//   - An allow with obligations (mask these fields, at most so many rows) is none
//     until the program has acknowledged each.
//
// [HTTP] and [GRPC] put all of this before a handler.
package client
