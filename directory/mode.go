package directory

import (
	"slices"
)

// Mode is a way to follow a server.
type Mode string

// The modes. Beside each of them everybody is read from time to time.
const (
	// ModeContent is content synchronization (RFC 4533) as it is written: the server tells what has changed since a cookie,
	// and then each change as it happens.
	ModeContent Mode = "content"
	// ModeContentHint is the same protocol of a server whose answers leave out too much to be believed: each entry that it
	// tells of is read again by its id.
	ModeContentHint Mode = "content-hint"
	// ModeSearchHint is a persistent search (draft-ietf-ldapext-psearch): it tells which entries change, and nothing of
	// what happened while nobody listened.
	ModeSearchHint Mode = "search-hint"
	// ModeDirSync asks for what has changed since a cookie, of all domain controllers alike.
	ModeDirSync Mode = "dirsync"
	// ModeUSN asks one domain controller for what it has changed since a number of its own.
	ModeUSN Mode = "usn"
	// ModePoll reads everybody again and again.
	ModePoll Mode = "poll"
)

// hints tells whether the mode's changes must be read again by id, whatever they say.
func (m Mode) hints() bool { return m != ModeContent }

// modes are the ways that the server's root DSE leaves open, the best one first, with the reason.
func modes(c Capabilities) []choice {
	var all []choice
	add := func(if_ bool, m Mode, reason string) {
		if if_ {
			all = append(all, choice{m, reason})
		}
	}
	active := c.Vendor == ActiveDirectory || c.Vendor == Samba
	add(c.ContentSync && c.Vendor != DS389 && !active, ModeContent, "the server offers content synchronization")
	add(c.ContentSync && c.Vendor == DS389, ModeContentHint,
		"the server offers content synchronization, but 389-ds leaves out locks and deletions: each entry is read again")
	add(c.PersistentSearch && !active, ModeSearchHint, "the server offers persistent search")
	add(active && c.DirSync && c.Replicating, ModeDirSync, "the account may ask for replicated changes")
	add(active, ModeUSN, "the server numbers its changes, and the account may not ask for replicated ones")
	add(c.Paging, ModePoll, "the server offers nothing but pages")
	return all
}

// choice is a mode with the reason for it.
type choice struct {
	mode   Mode
	reason string
}

// choose takes the best mode, or the one that is wanted. One that the server has refused lately is passed over, wanted
// or not: a worse way to follow is better than none.
func (c *Capabilities) choose(wanted Mode, refused ...Mode) bool {
	if slices.Contains(refused, wanted) {
		wanted = ""
	}
	for _, m := range modes(*c) {
		switch {
		case slices.Contains(refused, m.mode), wanted != "" && wanted != m.mode:
			continue
		case wanted != "":
			m.reason = "it is configured"
		case len(refused) > 0:
			m.reason = "the server refuses " + string(refused[0]) + ", which would be better"
		}
		c.Mode, c.Reason = m.mode, m.reason
		return true
	}
	return false
}

// The controls that decide how a server can be followed.
const (
	controlContentSync      = "1.3.6.1.4.1.4203.1.9.1.1"
	controlSyncState        = "1.3.6.1.4.1.4203.1.9.1.2"
	controlSyncDone         = "1.3.6.1.4.1.4203.1.9.1.3"
	messageSyncInfo         = "1.3.6.1.4.1.4203.1.9.1.4"
	controlPersistentSearch = "2.16.840.1.113730.3.4.3"
	controlEntryChange      = "2.16.840.1.113730.3.4.7"
	controlDirSync          = "1.2.840.113556.1.4.841"
	controlNotification     = "1.2.840.113556.1.4.528"
	controlShowDeleted      = "1.2.840.113556.1.4.417"
	capabilityAD            = "1.2.840.113556.1.4.800"
)

func (c Capabilities) offers(control string) bool { return slices.Contains(c.Controls, control) }
