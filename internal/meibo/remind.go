package meibo

import "time"

// When those who must act are reminded of pledges.
const (
	remindBefore = 14                 // days before somebody is refused
	remindAfter  = 3 * 24 * time.Hour // since somebody could have acted
	remindAgain  = 7 * 24 * time.Hour
)

// Remind owes notices to the contractors whose people are refused, or will be within
// two weeks, for want of a pledge that has been waiting for three days: to the employer
// and to the prime contractor, again after a week. It reports how many are owed.
func (b *Book) Remind(s Scene, city CityParameters) int {
	if b.Contract.Over(s.Now) {
		return 0
	}
	lacking := map[OrganizationID]bool{}
	for _, o := range b.Outlook(city, s.Now) {
		if o.From <= s.Now.Day().AddDays(remindBefore) && o.Since.Add(remindAfter) <= s.Now {
			lacking[o.EmployerID], lacking[b.Contract.PrimeID] = true, true
		}
	}
	owed := 0
	for _, o := range b.Organizations.All() {
		told := lastTold(b.Notices.All(), o.ID, NoticePledges)
		if lacking[o.ID] && (told.IsZero() || told.Add(remindAgain) <= s.Now) {
			b.notify(s, NoticePledges, o.ID, o.NoticeTo, 0)
			owed++
		}
	}
	return owed
}
