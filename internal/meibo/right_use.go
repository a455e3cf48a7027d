package meibo

// A RightUse says when a right last allowed something, to the day: the first use of
// a day is noted. It serves advice about rights that nobody uses; the record of each
// decision is another.
type RightUse struct {
	RightID  RightID
	PersonID PersonID // or service account, whose right it is
	At       Instant
}
