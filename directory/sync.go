package directory

import (
	"context"
	"errors"
)

// maxLookups is how many absent people a run confirms. More than that is not a departure.
const maxLookups = 1000

// Sync takes a snapshot, looks up each known person that it did not show or showed as less restricted, and compares. It
// changes nothing: the caller applies the plan.
//
// With an error the plan may still restrict people: it then applies only what entries that were read say of themselves.
// When a canary was wrong it is empty. Errors are [*Incomplete], also of a snapshot that was complete but whose
// absences could not be looked up; these are then held. A known id of another kind than the directory's is an error
// too.
func Sync(ctx context.Context, s *Source, known []Known, limits Limits) (Plan, error) {
	seen := Observation{Seen: make(map[ID]Sight, len(known))}
	wanted := make(map[ID]bool, len(known))
	for _, k := range known {
		wanted[k.ID] = true
	}
	var witness ID
	var err error
	seen.Completeness, err = s.Snapshot(ctx, func(o Object) error {
		witness = o.ID
		if wanted[o.ID] {
			seen.Seen[o.ID] = Sight{o.Status, o.Base}
		}
		return nil
	})
	if why := (*Incomplete)(nil); errors.As(err, &why) && why.Code == CodeCanary {
		return Plan{Completeness: seen.Completeness}, err
	}
	if err == nil {
		err = reread(ctx, s, known, seen.Seen)
	}
	if err == nil {
		seen.Confirmed, err = confirm(ctx, s, known, seen, witness)
	}
	return Compare(known, seen, limits), err
}

// reread looks up the people whom a snapshot showed as less restricted than they were known: what spoils a reading in the
// middle hides some locks and not others. With an error nobody is.
func reread(ctx context.Context, s *Source, known []Known, seen map[ID]Sight) error {
	var lifted []ID
	for _, k := range known {
		sight, there := seen[k.ID]
		if there && (record{status: sight.Status}).lifts(record{status: Status{State: k.State, Until: k.Until}}) {
			lifted = append(lifted, k.ID)
		}
	}
	if len(lifted) == 0 {
		return nil
	}
	found, _, err := s.several(ctx, lifted)
	for _, id := range lifted {
		seen[id] = Sight{gravest(found[id]), seen[id].Base}
	}
	return err
}

// confirm looks up the people whom a snapshot did not show, and with them one whom it did: who does not find that one
// finds nobody.
func confirm(ctx context.Context, s *Source, known []Known, seen Observation, witness ID) (map[ID]Confirmation, error) {
	var absent []ID
	for _, k := range known {
		if _, visible := seen.Seen[k.ID]; !visible {
			absent = append(absent, k.ID)
		}
	}
	if len(absent) == 0 || witness.IsZero() {
		return nil, nil
	}
	found, missing, err := s.several(ctx, append([]ID{witness}, absent...))
	if err != nil {
		return nil, err
	}
	answers := make(map[ID]Confirmation, len(absent))
	for id, all := range found {
		answers[id] = Confirmation{Status: gravest(all)}
	}
	if _, there := answers[witness]; !there {
		return nil, &Incomplete{Code: CodeBlind, Doing: "look up who is absent"}
	}
	for _, id := range missing {
		answers[id] = Confirmation{Missing: true}
	}
	return answers, nil
}

// several looks people up, many in one search, and who is not found alone. Of more than maxLookups who are not there
// either the rest is neither found nor missing. With an error there is no result.
func (s *Source) several(ctx context.Context, ids []ID) (found map[ID][]seen, missing []ID, err error) {
	if err := s.ofKind(ids); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Whole)
	defer cancel()
	c, v, err := s.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer c.close()
	found, missing, err = desk{c, v}.reread(ctx, ids, maxLookups)
	if err == nil {
		err = c.canaries(ctx, v)
	}
	if err != nil {
		return nil, nil, err
	}
	return found, missing, nil
}

// gravest is the status of a person by all entries with the id; of nobody it is unknown.
func gravest(all []seen) (status Status) {
	for _, o := range all {
		status = graver(status, o.Status)
	}
	return status
}

// graver is of two entries with one id the status of the one that may do less.
func graver(a, b Status) Status {
	if gravity(b.State) >= gravity(a.State) {
		return b
	}
	return a
}
