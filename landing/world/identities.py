"""Who is who in a world: people who registered twice, families, and what only looks like either.

Only names and addresses are of this: whom a record is of changes nothing that anybody does.
"""

from __future__ import annotations

import duckdb

from landing.world.spec import World

GIVEN = (
    *("Anna", "Ben", "Clara", "David", "Elif", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Karla"),
    *("Leo", "Mia", "Nils", "Olga", "Paul", "Rosa", "Samuel", "Tessa", "Ugo", "Vera", "Wim"),
    *("Yara", "Zoe", "Aron", "Beata", "Chiara", "Dario", "Emil", "Frida", "Gustav", "Hanna"),
    *("Ivan", "José", "Kira", "Lars", "Maja", "Noah", "Oskar", "Petra", "Ravi", "Selma", "Till"),
)
SURNAMES = (
    *("Adler", "Berg", "Conrad", "Dietz", "Ebert", "Falk", "Graf", "Hahn", "Imhof", "Jung"),
    *("Keller", "Lorenz", "Müller", "Nowak", "Otto", "Peters", "Quandt", "Richter", "Sommer"),
    *("Thiel", "Unger", "Vogel", "Wagner", "Yilmaz", "Zimmer", "Albers", "Brandt", "Cremer"),
    *("Dreyer", "Ernst", "Fuchs", "Gross", "Hess", "Iversen", "Jansen", "Kraus", "Lang", "Meyer"),
)
STREETS = ("Park Street", "Mill Lane", "Station Road", "Church Street", "Garden Way", "High Street")
BLOCK = 4
"""People whose numbers follow each other, among whom some are the same or live together."""
# Blocks by what is in them: shares that add up to less than one, in which nothing is.
BLOCKS: dict[str, float] = {
    "twice": 0.16,
    "family": 0.18,
    "family_twice": 0.06,
    "namesakes_at_home": 0.03,
    "namesakes": 0.03,
    "building": 0.04,
    "number_passed_on": 0.03,
}
THRICE_SHARE = 0.25
# How who registers again can be told: shares of these; what is left over shares nothing.
WAYS: dict[str, float] = {"email": 0.45, "phone": 0.20, "both": 0.24, "card": 0.10}
HAS_PHONE_SHARE = 0.75
OFFICE_SHARE = 0.03
PLACEHOLDER_SHARE = 0.04
PEOPLE_PER_OFFICE = 250
PLACEHOLDER_EMAILS = ("info@example.org", "none@none.example", "noreply@example.org", "N/A@n.a")
PLACEHOLDER_PHONES = ("0000000", "+49 111 1111111", "012345678", "+49 30 9999999")
SHOP_EMAIL = "till7@shop.example"
"""Put in at tills where nobody asked; in no list of such."""


def make_identities(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Create identities: of everybody with a profile, who they are and what their record says.

    Needs people and members.
    """
    connection.execute(f"create table identities as {_identities(world)}")


def _kind(draw: str, shares: dict[str, float], otherwise: str) -> str:
    total, cases = 0.0, ""
    for name, share in shares.items():
        total += share
        cases += f" when {draw} < {total:.6f} then '{name}'"
    return f"case{cases} else '{otherwise}' end"


def _one_of(names: tuple[str, ...], number: str) -> str:
    return f"([{', '.join(repr(name) for name in names)}])[1 + cast(({number}) as int)]"


def _identities(world: World) -> str:
    block = f"(person // {BLOCK})"
    offices = max(1, world.customers // PEOPLE_PER_OFFICE)
    again = (
        f"(kind = 'twice' and (place = 1 or (place = 2 and thrice_draw < {THRICE_SHARE})))"
        " or (kind = 'family_twice' and place = 3)"
    )
    family = (
        "(kind in ('family', 'family_twice') and place < family_size)"
        " or (kind = 'namesakes_at_home' and place < 2)"
    )

    def email(owner: str) -> str:
        return f"""
            (lower({owner}.given_name) || '.' || lower({owner}.surname) || {owner}.person)
        """

    return f"""
        with registered as (
            select
                person,
                customer_id,
                profile_bits,
                person % {BLOCK} as place,
                {_kind(world.draw("identity", block), BLOCKS, "alone")} as kind,
                2 + cast({world.bits("family size", block)} % 2 as int) as family_size,
                {world.draw("thrice", "person")} as thrice_draw,
                {world.bits("name", "person")} as name_bits,
                {world.bits("contact", "person")} as contact_bits,
                {world.draw("has phone", "person")} < {HAS_PHONE_SHARE} as has_phone,
                {_kind(world.draw("way", "person"), WAYS, "nothing")} as drawn_way,
                {world.draw("office", "person")} as office_draw,
                {world.bits("office number", "person")} % {offices} as office_no,
                {world.draw("placeholder", "person")} as placeholder_draw,
                {world.bits("writing", "person")} as writing_bits,
                members.person is not null as is_member
            from people
            left join (select person from members) as members using (person)
            where not is_anonymous and card_of is null
        ),
        placed as (
            select
                registered.*,
                coalesce(first_ones.person, registered.person) as first_person,
                coalesce(first_ones.person, registered.person) < registered.person
                    and ({again}) as is_again,
                coalesce(first_ones.person, registered.person) < registered.person
                    and ({family}) as is_family,
                coalesce(first_ones.is_member, false) as first_is_member
            from registered
            left join (select person, is_member from registered) as first_ones
                on first_ones.person = registered.person - registered.person % {BLOCK}
        ),
        told as (
            select
                placed.*,
                case when is_again then first_person else person end as same_as,
                case when is_again or is_family then first_person else person end as lives_with,
                case
                    when not is_again then null
                    when drawn_way = 'card' and not (is_member and first_is_member) then 'email'
                    else drawn_way
                end as way,
                {world.draw("family e-mail", "first_person")} < 0.25 as has_family_email,
                {world.draw("family phone", "first_person")} < 0.7 as has_family_phone,
                placeholder_draw < {
        PLACEHOLDER_SHARE
    } and kind in ('alone', 'building') as has_placeholder
            from placed
        ),
        bits as (
            select
                person as of_person, customer_id as of_customer_id, name_bits as of_name,
                contact_bits as of_contact
            from registered
        ),
        named as (
            select
                told.*,
                -- In a family no two have one name, but for a parent and child in some.
                {
        _one_of(
            GIVEN,
            "(case when kind in ('family', 'family_twice') then first_ones.of_name % 1000 "
            f"+ 5 * (same_as % {BLOCK}) "
            "when kind in ('namesakes_at_home', 'namesakes') and place < 2 "
            f"then first_ones.of_name % 1000 else same_ones.of_name % 1000 end) % {len(GIVEN)}",
        )
    } as given_name,
                {
        _one_of(
            SURNAMES,
            "(case when kind = 'namesakes' and place < 2 then first_ones.of_name >> 20 "
            f"else homes.of_name >> 20 end) % {len(SURNAMES)}",
        )
    } as surname,
                homes.of_customer_id as true_household_id,
                same_ones.of_customer_id as true_person_id,
                case when kind = 'building' and place < 4 then first_ones.of_contact
                    when is_again and writing_bits % 10 < 3 then contact_bits
                    else homes.of_contact end as address_bits,
                case
                    when way in ('email', 'both') then first_person
                    when has_family_email and place < 2 and kind in ('family', 'family_twice')
                        then first_person
                    else person
                end as email_of,
                case
                    when way in ('phone', 'both') then first_person
                    when has_family_phone and is_family then first_person
                    when kind = 'number_passed_on' and place = 1 then first_person
                    when has_phone or kind = 'number_passed_on' then person
                    -- Of whom somebody else has the number.
                    when place = 0 and kind in ('twice', 'family', 'family_twice',
                        'namesakes_at_home') then person
                end as phone_of,
                case when way = 'card' then first_person else person end as card_of_person
            from told
            inner join bits as homes on homes.of_person = lives_with
            inner join bits as same_ones on same_ones.of_person = same_as
            inner join bits as first_ones on first_ones.of_person = first_person
        ),
        owned as (
            select
                named.*,
                owners.contact_bits as email_bits,
                {email("owners")} as mailbox,
                case when owners.contact_bits % 10 < 4 then 'mail.example' else 'example.org' end
                    as domain,
                {world.bits("number", "named.phone_of")} as number_bits
            from named
            inner join named as owners on owners.person = named.email_of
        ),
        written as (
            select
                *,
                cast(30000000 + number_bits % 60000000 as varchar) as subscriber,
                case
                    when has_placeholder and writing_bits % 4 = 0 then '{SHOP_EMAIL}'
                    when has_placeholder and writing_bits % 2 = 0
                        then {_one_of(PLACEHOLDER_EMAILS, "(writing_bits >> 8) % 4")}
                    -- Where dots count, this is somebody else's.
                    when kind = 'namesakes' and place < 2 then case when place = 0
                        then lower(given_name) || '.' || lower(surname) || first_person
                        else lower(given_name) || lower(surname) || first_person end
                        || '@example.org'
                    when not is_again or email_of = person then mailbox || '@' || domain
                    when domain = 'mail.example' and writing_bits % 3 = 0
                        then mailbox || '+shop@' || domain
                    when domain = 'mail.example' and writing_bits % 3 = 1
                        then replace(mailbox, '.', '') || '@' || domain
                    when writing_bits % 4 < 2 then ' ' || upper(mailbox) || '@' || domain || ' '
                    else upper(left(mailbox, 1)) || substr(mailbox, 2) || '@' || upper(domain)
                end as email,
                case
                    when has_placeholder and writing_bits % 2 = 1
                        then {_one_of(PLACEHOLDER_PHONES, "(writing_bits >> 8) % 4")}
                    when office_draw < {OFFICE_SHARE} and kind in ('alone', 'building')
                        then '+49 30 55' || lpad(cast(office_no as varchar), 6, '0')
                end as other_phone
            from owned
        )
        select
            person,
            true_person_id,
            true_household_id,
            case
                when is_again then 'again by ' || way
                when kind = 'alone' then 'nothing'
                when kind = 'twice' and place > 0 then 'nothing'
                when kind in ('family', 'family_twice') and place >= family_size then 'nothing'
                when kind in ('namesakes', 'namesakes_at_home', 'number_passed_on')
                    and place > 1 then 'nothing'
                else kind
            end as planted,
            case
                when is_again and writing_bits % 5 = 0 then upper(given_name || ' ' || surname)
                when is_again and writing_bits % 5 = 1 then surname || ', ' || given_name
                when is_again and writing_bits % 5 = 2
                    then left(given_name, 1) || '. ' || surname
                else given_name || ' ' || surname
            end as full_name,
            email,
            case
                when other_phone is not null then other_phone
                when phone_of is null then null
                when writing_bits % 5 = 0 then '0049 30 ' || subscriber
                when writing_bits % 5 = 1 then '(030) ' || subscriber[:4] || '-' || subscriber[5:]
                when writing_bits % 5 = 2 then '+49 (0)30 ' || subscriber
                when writing_bits % 5 = 3 then '030/' || subscriber
                else '+49 30 ' || subscriber
            end as phone,
            {_one_of(STREETS, f"address_bits % {len(STREETS)}")} || ' '
                || cast(1 + (address_bits >> 8) % 150 as varchar) as address,
            lpad(cast(10000 + (address_bits >> 20) % 80000 as varchar), 5, '0') as postal_code,
            -- Of one who registers again it is what it was, or not told.
            case when is_again then same_as else person end as birth_person,
            kind = 'namesakes_at_home' and place < 2 and writing_bits % 20 > 0
                as tells_birth_date,
            case when way = 'card' then '7 ' || lpad(cast(card_of_person as varchar), 9, '0')
                else '7' || lpad(cast(card_of_person as varchar), 9, '0') end as card_number
        from written
        order by person
    """
