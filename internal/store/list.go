package store

import "github.com/meibo-dev/meibo/internal/meibo"

// Organizations are all organizations.
func (r *Reader) Organizations() ([]meibo.Organization, error) {
	return all[meibo.Organization](r, "ORDER BY id")
}

// Assets are all assets.
func (r *Reader) Assets() ([]meibo.Asset, error) { return all[meibo.Asset](r, "ORDER BY id") }

// Purposes are all purposes.
func (r *Reader) Purposes() ([]meibo.Purpose, error) { return all[meibo.Purpose](r, "ORDER BY code") }

// Templates are all versions of all pledge templates.
func (r *Reader) Templates() ([]meibo.PledgeTemplate, error) {
	return all[meibo.PledgeTemplate](r, "ORDER BY id, version")
}

// Systems are all registered systems.
func (r *Reader) Systems() ([]meibo.System, error) { return all[meibo.System](r, "ORDER BY id") }

// Parameters is what the city has settled: one row, or none.
func (r *Reader) Parameters() ([]meibo.Parameters, error) {
	return all[meibo.Parameters](r, "WHERE id = ?", meibo.ParametersID)
}

// Calendar is that of the city's offices.
func (r *Reader) Calendar() (meibo.Calendar, error) {
	city, err := r.CityParameters()
	return city.Calendar(), err
}

// CityParameters are what the city has settled; empty where it has settled nothing.
func (r *Reader) CityParameters() (city meibo.CityParameters, err error) {
	rows, err := r.Parameters()
	for _, p := range rows {
		city = p.City.V
	}
	return city, err
}

// LateContracts are those with a notice whose day has passed, of which nobody was
// told.
func (r *Reader) LateContracts(today meibo.Date) (ids []meibo.ContractID, err error) {
	err = r.list(&ids, "SELECT DISTINCT contract_id FROM notices WHERE due_on < ? AND overdue_at IS NULL ORDER BY contract_id", today)
	return ids, err
}

// Permits are all permits.
func (r *Reader) Permits() ([]meibo.Permit, error) { return all[meibo.Permit](r, "ORDER BY id") }

// Delegations are all delegations.
func (r *Reader) Delegations() ([]meibo.Delegation, error) {
	return all[meibo.Delegation](r, "ORDER BY id")
}

// ServiceAccounts are all accounts of programs.
func (r *Reader) ServiceAccounts() ([]meibo.ServiceAccount, error) {
	return all[meibo.ServiceAccount](r, "ORDER BY id")
}

// Client finds a client; nil when there is none.
func (r *Reader) Client(id meibo.ClientID) (c *meibo.Client, err error) {
	err = find(r, &c, "WHERE id = ?", id)
	return c, err
}

// Parties are the organizations that work on a contract: the prime, those whom a
// consent names, and those whose people were ever assigned.
func (r *Reader) Parties(id meibo.ContractID) ([]meibo.Organization, error) {
	return all[meibo.Organization](r, `WHERE id IN (SELECT prime_id FROM contracts WHERE id = ?)
		OR id IN (SELECT organization_id FROM subcontracts WHERE contract_id = ?)
		OR id IN (SELECT employer_id FROM assignments WHERE contract_id = ?) ORDER BY id`, id, id, id)
}

// PeopleOf are the people of an organization, those who have left included.
func (r *Reader) PeopleOf(id meibo.OrganizationID) ([]meibo.PersonID, error) {
	var ids []meibo.PersonID
	err := r.list(&ids, "SELECT id FROM people WHERE organization_id = ? ORDER BY id", id)
	return ids, err
}

// Shortened are the lines that take away until a day, of changes submitted since
// from and before until; empty ids and instants are any.
func (r *Reader) Shortened(contract meibo.ContractID, person meibo.PersonID, from, until meibo.Instant) (map[meibo.ChangeID]meibo.Change, []meibo.Line, error) {
	if from = max(from, 1); until.IsZero() {
		until = meibo.Forever
	}
	changes, err := all[meibo.Change](r, "WHERE (contract_id = ? OR ? = '') AND submitted_at >= ? AND submitted_at < ? AND state = 'accepted'",
		contract, contract, from, until)
	if err != nil {
		return nil, nil, err
	}
	byID := map[meibo.ChangeID]meibo.Change{}
	ids := []meibo.ChangeID{""}
	for _, c := range changes {
		byID[c.ID], ids = c, append(ids, c.ID)
	}
	lines, err := all[meibo.Line](r, "WHERE operation IN ('remove', 'change') AND ends IS NOT NULL AND (person_id = ? OR ? = '') AND change_id IN (?) ORDER BY change_id, row",
		person, person, ids)
	return byID, lines, err
}

// Destructions say up to which batch of each chain records were destroyed.
func (r *Reader) Destructions() ([]meibo.Destruction, error) {
	return all[meibo.Destruction](r, "ORDER BY writer")
}

// Seals say up to which batch of each chain the log answers for it.
func (r *Reader) Seals() ([]meibo.Seal, error) { return all[meibo.Seal](r, "ORDER BY writer") }
