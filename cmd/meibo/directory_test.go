package main

import (
	"bytes"
	"strings"
	"testing"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A page of the locked is not shown as if it were all of them.
func TestThatMoreAreLockedIsSaid(t *testing.T) {
	for next, more := range map[string]bool{"": false, "E2": true} {
		var out bytes.Buffer
		a := &app{stdout: &out}
		a.showLocked(&pb.ListDirectoryPeopleResponse{People: []*pb.DirectoryPerson{{Person: "E1"}, {Person: "E2"}}, Next: next}, 600)
		if text := out.String(); strings.Count(text, "no departure") != 2 || strings.Contains(text, "598 more: meibo directory people") != more {
			t.Errorf("next %q: %s", next, text)
		}
	}
}
