package authz_test

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

// Who is in doubt is refused at the moment at which a silent directory would refuse everybody, by the importance of the
// asset, and not a microsecond sooner.
func TestADoubtIsAsOldAsTheSilenceOfTheWholeDirectory(t *testing.T) {
	policy := load(t)
	settled := authz.DefaultParameters()
	settled.Classes[2].Staleness, settled.Classes[3].Staleness = 5*time.Hour, 0
	for _, c := range []struct {
		name       string
		parameters *authz.Parameters
		importance int
		after      time.Duration // 0: never
	}{
		{"a day for the highest importance", nil, 1, 24 * time.Hour},
		{"three days for the others", nil, 2, 72 * time.Hour},
		{"what the city has settled", settled, 3, 5 * time.Hour},
		{"never where the city has settled so", settled, 4, 0},
	} {
		for name, doubt := range map[string]func(f *authz.Facts, since time.Time){
			"the person":    func(f *authz.Facts, since time.Time) { f.Person.Doubted = since },
			"the directory": func(f *authz.Facts, since time.Time) { f.Directory = &authz.Directory{Read: since} },
			"the longer of both": func(f *authz.Facts, since time.Time) {
				f.Directory, f.Person.Doubted = &authz.Directory{Read: since.Add(time.Minute)}, since
			},
		} {
			q, f := allowed()
			f.Parameters, f.Asset.Importance = c.parameters, c.importance
			doubt(&f, asOf.Add(-c.after).Add(time.Microsecond))
			if c.after == 0 {
				doubt(&f, asOf.Add(-10000*time.Hour))
			}
			if d := decide(t, policy, q, f); !d.Allowed {
				t.Errorf("%s, %s: just before got %v", c.name, name, d.Codes)
			}
			if c.after == 0 {
				continue
			}
			doubt(&f, asOf.Add(-c.after))
			if d := decide(t, policy, q, f); d.Primary != authz.CodeSyncStale || len(d.Codes) != 1 {
				t.Errorf("%s, %s: got %v", c.name, name, d.Codes)
			}
		}
	}
}
