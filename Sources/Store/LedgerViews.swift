/// What analysts may rely on: views whose names and columns stay as they are; a change makes a new name.
///
/// Times are RFC 3339 texts in UTC, with the microseconds beside them. A query reads every row it does not exclude by
/// `line` and `part`, so a long one belongs on a backup.
let ledgerViews1 = """

  -- A group's name as status prints it.
  CREATE VIEW groups_v1 AS
    SELECT l.name AS line, c.id AS cell, coalesce((
        SELECT group_concat(pair, ',') FROM (
          SELECT a.value || '=' || v.value AS pair
          FROM json_each(l.attributes) AS a JOIN json_each(c.attribute_values) AS v ON v.key = a.key ORDER BY a.key)
      ), c.attribute_values) AS group_text,
      c.prediction_count AS predictions, c.outcome_count AS outcomes, c.input_count AS with_features,
      c.labelled_count AS trainable
    FROM cell AS c JOIN line AS l ON l.id = c.line;

  -- One answered part with the truth, where it is known.
  CREATE VIEW parts_v1 AS
    SELECT l.name AS line, p.part, p.cell, p.version AS student, p.predicted_class,
      coalesce(pc.name, p.predicted_class) AS predicted, p.confidence,
      strftime('%Y-%m-%dT%H:%M:%fZ', p.time / 1e6, 'unixepoch') AS time, p.time AS time_us,
      strftime('%Y-%m-%dT%H:%M:%fZ', p.wall_clock / 1e6, 'unixepoch') AS received_at, p.wall_clock AS received_at_us,
      k.boot_id, p.monotonic AS monotonic_us, nullif(k.synced, 2) AS clock_synced, p.peer_uid AS sender_uid,
      coalesce(r.advice, 0) AS advice_bits, coalesce(r.late, 0) AS late,
      o.label AS label_class, coalesce(oc.name, o.label) AS label, h.name AS channel, o.probability,
      strftime('%Y-%m-%dT%H:%M:%fZ', o.observed_at / 1e6, 'unixepoch') AS observed_at,
      strftime('%Y-%m-%dT%H:%M:%fZ', o.arrived / 1e6, 'unixepoch') AS arrived_at,
      EXISTS (SELECT 1 FROM input AS i WHERE i.prediction = p.id) AS has_features, p.id AS row
    FROM prediction AS p JOIN line AS l ON l.id = p.line JOIN clock AS k ON k.id = p.clock
      LEFT JOIN remark AS r ON r.prediction = p.id
      LEFT JOIN outcome AS o ON o.prediction = p.id LEFT JOIN channel AS h ON h.id = o.channel
      LEFT JOIN class AS pc ON pc.line = p.line AND pc.number = p.predicted_class
      LEFT JOIN class AS oc ON oc.line = p.line AND oc.number = o.label;

  -- Everything said of parts that were answered: the truth in force first, then what other channels say.
  CREATE VIEW outcomes_v1 AS
    SELECT l.name AS line, p.part, h.name AS channel, o.label AS label_class, coalesce(c.name, o.label) AS label,
      o.in_force, strftime('%Y-%m-%dT%H:%M:%fZ', o.observed_at / 1e6, 'unixepoch') AS observed_at,
      strftime('%Y-%m-%dT%H:%M:%fZ', o.arrived / 1e6, 'unixepoch') AS arrived_at, o.probability,
      o.peer_uid AS sender_uid
    FROM (
        SELECT prediction, channel, label, observed_at, arrived, probability, peer_uid, 1 AS in_force FROM outcome
        UNION ALL
        SELECT prediction, channel, label, observed_at, arrived, probability, peer_uid, 0 FROM other_outcome
      ) AS o
      JOIN prediction AS p ON p.id = o.prediction JOIN line AS l ON l.id = p.line JOIN channel AS h ON h.id = o.channel
      LEFT JOIN class AS c ON c.line = p.line AND c.number = o.label;

  """
