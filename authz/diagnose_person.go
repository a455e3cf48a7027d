package authz

// account says why the person's account does not open.
func (d *diagnosis) account() []finding {
	p := d.f.Person
	switch {
	case p == nil:
		return is(CodeSubjectUnknown)
	case p.Ambiguous:
		return is(CodeSubjectAmbiguous)
	}
	var found []finding
	switch {
	case p.Account == AccountDeparted:
		return is(CodeSubjectDeparted)
	case p.Account == AccountDisabled, p.Account == AccountEnabled && moment(p.Until) <= d.at:
		found = is(CodeSubjectDisabled)
	case p.Account != AccountEnabled:
		return is(CodeSubjectUnknown)
	}
	if d.at < since(p.Begins) {
		found = append(found, is(CodeSubjectNotStarted)...)
	}
	if moment(p.Transferred) <= d.at {
		found = append(found, is(CodeSubjectTransferred)...)
	}
	return found
}

// owner says that nobody eligible answers for a service account. A human answers for himself, so the account's own fault
// is the only one then.
func (d *diagnosis) owner() []finding { return unless(!d.m.service, CodeServiceAccountNotBound) }

// present says that the human is on leave. That the principal is says principal.
func (d *diagnosis) present() []finding {
	for _, l := range d.m.leaves {
		if l.person == d.human() && l.from <= d.at && d.at < l.until {
			return is(CodeSubjectOnLeave)
		}
	}
	return is(CodeImpersonationNotAllowed)
}

func (d *diagnosis) employer() []finding {
	return unless(d.f.Person == nil || d.f.Contract == nil || d.f.Assignment == nil, CodeEmployerMismatch)
}

// principal says that the person must not act for somebody else. Who acts for nobody else fails with the own account.
func (d *diagnosis) principal() []finding {
	return unless(d.m.words[wordPrincipal] == d.human() && d.q.Context.OnBehalfOf == "" && (d.f.System == nil || !d.f.System.OnBehalf),
		CodeImpersonationNotAllowed)
}

// orphan tells whether a service account asks for which no human answers: then nothing is said of that human's place on
// the roster.
func (d *diagnosis) orphan() bool { return d.m.service && d.human() == unstated }
