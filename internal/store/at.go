package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// At builds a store of its own in a folder, whatever database this one is in, that
// holds the rows that decisions read as they were after an entry, with more on top. It is there to
// be looked at, and for nothing that lasts: it has no log.
func (db *DB) At(ctx context.Context, folder string, seq int64, more ...any) (*DB, error) {
	var past *DB
	err := db.View(ctx, func(r *Reader) (err error) {
		if err := r.codec.fresh(); err != nil {
			return err
		}
		past, err = Open(ctx, Options{URL: filepath.Join(folder, "past.db"), Now: db.opts.Now, ring: r.codec.ring})
		if err != nil {
			return err
		}
		return r.copyTo(past, seq, more)
	})
	if err != nil {
		err = fmt.Errorf("build store as of entry %d: %w", seq, err)
		if past != nil {
			err = errors.Join(err, past.Close())
		}
		return nil, err
	}
	return past, nil
}

// copyTo writes the rows as they were after an entry into another store, whatever
// their order.
func (r *Reader) copyTo(to *DB, seq int64, more []any) error {
	rev, epoch, err := r.Revision()
	if err != nil {
		return err
	}
	if records, err := r.Entries(seq, 1); err != nil {
		return err
	} else if len(records) > 0 {
		var e meibo.Entry
		if err := json.Unmarshal([]byte(records[0]), &e); err != nil {
			return fmt.Errorf("read entry %d: %w", seq, err)
		}
		rev = e.Revision
	}
	if _, err := to.write.ExecContext(r.ctx, "PRAGMA foreign_keys = OFF"); err != nil { // what rows refer to may not be among them
		return err
	}
	tx, err := to.write.BeginTxx(r.ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	t := &Tx{Reader: Reader{ctx: r.ctx, tx: tx, dialect: to.dialect, Now: r.Now, codec: &codec{ring: to.opts.ring}}}
	if err := t.exec("INSERT INTO meta (id, epoch, rev) VALUES (1, ?, ?)", epoch, rev); err != nil {
		return err
	}
	for _, table := range tables {
		if err := r.copyTable(t, table, seq); err != nil {
			return err
		}
	}
	for _, row := range more {
		if _, err := t.put(row); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// copyTable copies the rows of a table, one by one: they may be many.
func (r *Reader) copyTable(t *Tx, table *table, seq int64) error {
	if !decisive[table.name] {
		return nil
	}
	rows, err := r.tx.QueryxContext(r.ctx, r.tx.Rebind(`SELECT i.of_key, i.seq, i.image FROM images i WHERE i.of_table = ? AND i.seq =
		(SELECT MAX(j.seq) FROM images j WHERE j.of_table = i.of_table AND j.of_key = i.of_key AND j.seq <= ?)`), table.name, seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, image string
		var at int64
		if err := rows.Scan(&key, &at, &image); err != nil {
			return err
		}
		text, err := r.openImage(rowName{table.name, key}, at, image)
		if err != nil {
			return err
		}
		row := reflect.New(table.row).Elem()
		if err := table.fromImage(row, text); err != nil {
			return err
		}
		if _, err := t.put(row.Interface()); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return nil
}

// decisive are the tables that decisions read.
var decisive = map[string]bool{
	"organizations": true, "assets": true, "purposes": true, "contracts": true, "subcontracts": true, "pledge_templates": true,
	"systems": true, "parameters": true, "permits": true, "service_accounts": true, "delegations": true, "people": true, "accounts": true, "changes": true,
	"change_lines": true, "assignments": true, "rights": true, "pledges": true, "rosters": true, "notices": true,
	"acknowledgements": true, "holds": true, "trainings": true, "permit_uses": true, "emergencies": true, "directory_holds": true,
}
