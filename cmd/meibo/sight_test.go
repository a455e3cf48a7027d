package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestTheDeepestBaseSaysWhereSomebodyWorks(t *testing.T) {
	l := new(looker)
	l.by([]meibo.Organization{
		{ID: "K1", DirectoryBase: "ou=people,dc=example"}, {ID: "K2", DirectoryBase: "OU=People, DC=example"},
		{ID: "S1", DirectoryBase: "ou=s1,ou=people,dc=example"}, {ID: "S2", DirectoryBase: `ou=s\2c2,ou=people,dc=example`},
		{ID: "one", DirectoryBase: "uid=one,ou=people,dc=example"},
	})
	for dn, want := range map[string][]meibo.OrganizationID{
		"uid=e1,ou=people,dc=example":            {"K1", "K2"},
		"uid=e1, OU=PEOPLE , dc=example":         {"K1", "K2"},
		`uid=e\2c1,ou=people,dc=example`:         {"K1", "K2"},
		`uid=e\,1,ou=people,dc=example`:          {"K1", "K2"},
		"uid=e1,ou=s1,ou=people,dc=example":      {"S1"},
		"uid=e1,ou=x,ou=s1,ou=people,dc=example": {"S1"},
		`uid=e1,ou=s\,2,ou=people,dc=example`:    {"S2"},
		`ou=s\,2,ou=people,dc=example`:           {"S2"},
		"UID=one,ou=people,dc=example":           {"one"},
		"uid=two,uid=one,ou=people,dc=example":   {"one"},
		"uid=e1,dc=example":                      nil,
		"ou=people":                              nil,
		"":                                       nil,
		"nobody":                                 nil,
		"nobody,ou=people,dc=example":            nil,
		"uid=e1,nothing":                         nil,
	} {
		for range 2 {
			if got := l.placedAt(dn); !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", dn, got, want)
			}
		}
	}
}

// TestManyOrganizationsCostNoMoreThanOne: the names of fifty thousand people are held
// against the bases of all organizations while nothing else can be written.
func TestManyOrganizationsCostNoMoreThanOne(t *testing.T) {
	costs := func(organizations int) float64 {
		l := new(looker)
		var all []meibo.Organization
		for i := range organizations {
			all = append(all, meibo.Organization{ID: meibo.OrganizationID(fmt.Sprint("K", i)), DirectoryBase: fmt.Sprintf("ou=people,o=K%d,dc=example", i)})
		}
		l.by(all)
		return testing.AllocsPerRun(3, func() {
			for i := range 200 {
				l.sight(directory.ID{}, "", fmt.Sprintf("uid=e%d,ou=people,o=K0,dc=example", i), nil)
			}
		})
	}
	if one, many := costs(1), costs(40); many > 1.1*one {
		t.Errorf("%v allocations for 40 organizations, %v for one", many, one)
	}
}
