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

// Permits are all permits.
func (r *Reader) Permits() ([]meibo.Permit, error) { return all[meibo.Permit](r, "ORDER BY id") }

// ServiceAccounts are all accounts of programs.
func (r *Reader) ServiceAccounts() ([]meibo.ServiceAccount, error) {
	return all[meibo.ServiceAccount](r, "ORDER BY id")
}

// Client finds a client; nil when there is none.
func (r *Reader) Client(id meibo.ClientID) (c *meibo.Client, err error) {
	err = find(r, &c, "WHERE id = ?", id)
	return c, err
}

// Readings are the recorded readings of the directory since an instant.
func (r *Reader) Readings(since meibo.Instant) ([]meibo.Reading, error) {
	return all[meibo.Reading](r, "WHERE at >= ? ORDER BY at, id", since)
}

// Parties are the organizations that work on a contract: the prime, those whom a
// consent names, and those whose people were ever assigned.
func (r *Reader) Parties(id meibo.ContractID) ([]meibo.Organization, error) {
	return all[meibo.Organization](r, `WHERE id IN (SELECT prime_id FROM contracts WHERE id = ?)
		OR id IN (SELECT organization_id FROM subcontracts WHERE contract_id = ?)
		OR id IN (SELECT employer_id FROM assignments WHERE contract_id = ?) ORDER BY id`, id, id, id)
}
