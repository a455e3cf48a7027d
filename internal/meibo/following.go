package meibo

// A Following is how the directory is followed at the moment.
type Following struct {
	Connected  bool
	URL        string
	Vendor     string
	Mode       string
	Reason     string  // for the mode
	Since      Instant // when it was connected to, or lost
	SweptAt    Instant // when everybody was read last
	Code       string  // why it is not followed now
	Blind      bool    // the account does not see the directory as it is
	People     int     // in the directory
	LagSeconds float64
	Connects   int
	Refreshes  int // of everybody, for want of a good bookmark
	Missed     int // changes that a reading found and nobody had told of
	Disagreed  int // people whom a complete reading did not show and a look-up found
	Reading    int // people read so far by a reading under way
}

// A DirectoryPlan is what a reading of everybody would do.
type DirectoryPlan struct {
	Incomplete string // why nobody would be ended for being absent, a code
	Seen       int
	Changes    []PlannedChange
	Held       []PlannedChange
}

// A PlannedChange is what the directory says of a person.
type PlannedChange struct {
	PersonID PersonID
	Kind     string // restricted, lifted, gone; of somebody held why
	From     AccountState
	To       AccountState // empty: nothing was seen
	Cause    string
}
