/**
 * Everything a migration can leave behind in a database, by name: relations, columns, indexes and constraints with
 * their validity, the record without its times, locks that are held by nobody we know.
 */
export const snapshotOf = `
  SELECT
    (SELECT json_agg(c.relname || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '') ORDER BY c.relname)
       FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace) AS relations,
    (SELECT json_agg(a.attrelid::regclass || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
              || CASE WHEN a.attnotnull THEN ' not null ' ELSE ' ' END || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
            ORDER BY a.attrelid::regclass::text, a.attname)
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT json_agg(pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
            ORDER BY i.indexrelid::regclass::text)
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace) AS indexes,
    (SELECT json_agg(o.conrelid::regclass || '.' || o.conname || ' ' || pg_get_constraintdef(o.oid)
            ORDER BY o.conrelid::regclass::text, o.conname)
       FROM pg_constraint o WHERE o.connamespace = 'public'::regnamespace) AS constraints,
    (SELECT json_agg(json_build_array(m."timestamp", m.name, d.checksum, d.phase) ORDER BY m.id)
       FROM migrations m LEFT JOIN migrations_detail d USING (name)) AS record,
    (SELECT json_agg(d.name ORDER BY d.name) FROM migrations_detail d) AS detail,
    (SELECT json_agg(f) FROM migrations_floor f) AS floor,
    (SELECT json_agg(json_build_array(b.name, b.rows_done, b.state) ORDER BY b.name)
       FROM migrations_backfill b) AS backfill,
    (SELECT count(*) FROM pg_locks l JOIN pg_database b ON b.oid = l.database
      WHERE l.locktype = 'advisory' AND b.datname = current_database()) AS advisory_locks`;
