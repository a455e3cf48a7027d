package store

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/migrations"
)

// A SchemaVersion is how far one series of steps has come.
type SchemaVersion struct {
	Series        string
	Have, Current int64
}

// migrate applies the steps that are missing. On PostgreSQL the writers' lock
// keeps two servers from doing so at once.
func (db *DB) migrate(ctx context.Context) error {
	if db.dialect.lock != "" {
		conn, err := db.write.Connx(ctx)
		if err != nil {
			return fmt.Errorf("migrate: %w", db.dialect.kind(err))
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_lock(%d)", writersLock+1)); err != nil {
			return fmt.Errorf("migrate: %w", db.dialect.kind(err))
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", writersLock+1))
	}
	for _, s := range db.series() {
		p, err := db.provider(s.name, s.pool)
		if err != nil {
			return err
		}
		have, current, err := p.GetVersions(ctx)
		if err != nil {
			return fmt.Errorf("read schema version of %s: %w", s.name, db.dialect.kind(err))
		}
		if have > current {
			return fmt.Errorf("%w: schema of %s is at %d, this program knows only %d: run a newer meibo", meibo.ErrConflict, s.name, have, current)
		}
		if have == current {
			continue
		}
		if _, err := p.Up(ctx); err != nil {
			return fmt.Errorf("migrate %s: %w", s.name, db.dialect.kind(err))
		}
	}
	return nil
}

type series struct {
	name string
	pool *sqlx.DB
}

func (db *DB) series() []series {
	ledger := db.write
	if ledger == nil {
		ledger = db.read
	}
	return []series{{migrations.Ledger, ledger}, {migrations.Decisions, db.log}}
}

func (db *DB) provider(name string, pool *sqlx.DB) (*goose.Provider, error) {
	steps, err := migrations.For(name, db.dialect.series)
	if err != nil {
		return nil, fmt.Errorf("migrate %s: %w", name, err)
	}
	p, err := goose.NewProvider(db.dialect.goose, pool.DB, steps,
		goose.WithTableName(name+"_migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrate %s: %w", name, err)
	}
	return p, nil
}

// Schema tells how far each series has come.
func (db *DB) Schema(ctx context.Context) ([]SchemaVersion, error) {
	var versions []SchemaVersion
	for _, s := range db.series() {
		p, err := db.provider(s.name, s.pool)
		if err != nil {
			return nil, err
		}
		have, current, err := p.GetVersions(ctx)
		if err != nil {
			return nil, fmt.Errorf("read schema version of %s: %w", s.name, err)
		}
		versions = append(versions, SchemaVersion{s.name, have, current})
	}
	return versions, nil
}

// checkSchema refuses to read a schema that this program does not know.
func (db *DB) checkSchema(ctx context.Context) error {
	for _, s := range db.series() {
		var have int64
		q := fmt.Sprintf("SELECT COALESCE(MAX(version_id), 0) FROM %s_migrations", s.name)
		if err := s.pool.GetContext(ctx, &have, q); err != nil {
			return fmt.Errorf("read schema version of %s: %w", s.name, err)
		}
		steps, err := migrations.For(s.name, db.dialect.series)
		if err != nil {
			return err
		}
		if current, err := migrations.Newest(steps); err != nil || have != current {
			return fmt.Errorf("%w: schema of %s is at %d, this program knows %d: run meibo migrate", meibo.ErrConflict, s.name, have, current)
		}
	}
	return nil
}
