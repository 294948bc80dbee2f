/** The tables. Their names are prefixed, so that they can live in the chat's own database. */
export interface Tables {
  vc_users: UsersTable;
  vc_groups: GroupsTable;
  vc_members: MembersTable;
  vc_calls: CallsTable;
  vc_call_participants: CallParticipantsTable;
}

interface UsersTable {
  id: string;
  name: string;
  avatar: string;
}

export interface GroupsTable {
  id: string;
  name: string;
  avatar: string;
  owner: string | null;
  /** Milliseconds since 1970. */
  members_at: number | null;
}

interface MembersTable {
  group_id: string;
  user_id: string;
}

export interface CallsTable {
  call_id: string;
  req_type: string;
  media: string | null;
  group_id: string | null;
  caller: string;
  started_at: number;
  answered_at: number | null;
  ended_at: number;
  duration_ms: number;
  outcome: string;
  reason: string | null;
  ended_by: string | null;
}

export interface CallParticipantsTable {
  call_id: string;
  name: string;
  outcome: string;
  joined_at: number | null;
  left_at: number | null;
  /** JSON. */
  quality: string | null;
}
