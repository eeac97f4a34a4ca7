"""Closed classes of English words that the shallow grammar needs. No country, person or dispute is named here."""

from __future__ import annotations


def words_of(words: str) -> frozenset[str]:
    """The words of a text, split at white space."""
    return frozenset(words.split())


AUXILIARIES = words_of("""
    is are was were be been being has have had having will would may might could can shall should must do does
    did 's 're 've 'll 'd to not also still again now just even already never ever both together all itself
    himself herself then once early late on neither hardly scarcely rarely seldom""")
FINITE = words_of("is are was were has have will would does do did can could may might must should 's")
"""Auxiliaries after which a predicate comes, whatever word it is."""
BE = words_of("is are was were be been being")
MODALS = words_of("will would could may might must should to 'll can cannot is are not never")
"""Before a verb of force, they say that it has not happened."""
DAYS = words_of("""
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december""")
OFFICIALS = words_of("""
    official officials minister ministry ministers spokesman spokeswoman spokesperson spokesmen chief ambassador
    ambassadors envoy envoys commander commanders negotiator negotiators mission embassy government regime
    leader leaders leadership council state administration diplomat diplomats general generals admiral
    authorities president parliament lawmakers lawmaker mp mps army navy military forces force troops guards
    guard delegation team media television tv agency source sources intelligence foreign deputy vice senior top
    security nuclear atomic energy defence defense national secretary house speaker advisor adviser aide
    interior judiciary cabinet congressman senator senators lead main the special un federation organization
    organisation body football prime first new bombers jets planes fighter warplanes warships panel bureau fm
    commission committee""")
"""What may stand between a country and its verb, so that the country's state is what acts."""
BACKGROUND = words_of("after amid amidst despite before following since during ahead because as while over")
"""Words that open a clause which tells the circumstances, not the position."""
SPLITTERS = words_of("as while after before but although though whereas amid ; — – | when following despite")
"""Words after which somebody else may act or speak."""
SAYING = words_of("""
    say says said tell tells told warn warns warned add adds added insist insists claim claims claimed vow vows
    vowed according declare declares""")
QUOTES = words_of("' \" “ ” ‘ ’")
DASHES = words_of("- – — ‑")
IRREGULAR_VERBS = words_of("""
    left met held took gave put sent saw drew made went came kept brought set won tore laid began sought led
    told spoke thought stood broke fell rose cut hit shut built spent found got became threw wrote felt grew
    paid swore withdrew struck make hold meet exchange trade face give take get keep send go come draw open move""")
HARMED = words_of("""
    killed wounded injured hit struck attacked targeted bombed destroyed assassinated hurt slain damaged""")
"""Participles that make their subject the one who suffers."""
NOT_VERBS = words_of("""
    news states talks series crisis this his its as has was is plus tensions protests sources oil stocks prices
    press""")
ANONYMOUS = words_of("""
    report reports source sources reportedly officials official media agency people reuters afp ap journal post
    times tv television news statement reporters""")
"""Sources that pass on a side's position rather than hold one of their own."""
HEARSAY = words_of("reportedly considering source sources report mulls weighs mulling weighing")
QUESTION_WORDS = words_of("will why should could can is are does did has what who how when would")
FIRST_PERSON = words_of("We we Our our us I My my")
"""In this case only: `US` is not `us`."""
PRONOUNS = words_of("he she it they")
HYPOTHETICAL = words_of("""
    any possible potential future feared looming planned prospect risk if imminent would could might next
    whether against fears fear likely hypothetical threatened expected""")
NOT_EVENTS = words_of("""
    program programme programs programmes stockpile stockpiles base bases site sites capability capabilities
    bunker bunkers industry launcher launchers group groups fears plan plans talks deal relief victims survivors
    anniversary defence defense factory factories production arsenal force forces technology""")
"""After the name of a weapon they make it a thing owned, not a deed: `missile bases`."""
EVENT_NOUNS = words_of("attack attacks strikes strike raid raids")
"""Words of force that are nouns as often as verbs."""
THREAT_NOUNS = words_of("threat threats warning warnings ultimatum")
ACCUSING = words_of("accuse accuses accused accusing")
FUNCTION_WORDS = words_of("on of in at to and the a for with from by")
AFTER_NOUNS = FUNCTION_WORDS | words_of("against near across along over inside around have had has were was are")
"""What follows `strikes` where it is a noun."""
FORMER = words_of("former ex late exiled deposed ousted then")
NAME_TAILS = words_of("""
    post times examiner journal news herald tribune institute university airport airlines bazaar street today dc
    monitor international observer commanders capitals nationals state wizards bureau review""")
"""After a capital's name they make the name of something else: an outlet, a university, a team."""
MODIFIERS = words_of("""
    based flagged backed allied aligned born linked owned made listed bound style sanctioned designated led
    brokered mediated funded supplied trained educated held inspired sponsored friendly occupied controlled""")
"""`X-based`, `X-backed`: somebody else, described."""
STANCE_PREFIXES = words_of("pro anti non")
DETERMINERS = words_of("a an the more its back new two three")
THINGS_HIT = words_of("""
    site sites target targets facility facilities plant plants base bases infrastructure bridge bridges reactor reactors
    complex depot depots port ports airport airports ship ships boat boats vessel vessels tanker tankers launcher
    launchers tunnels radar radars bunker bunkers refinery refineries headquarters positions convoy""")
"""Right after `strikes` or `bombs` they say that it is a verb: `the US bombs nuclear facilities`."""
FORBIDDING = words_of("must should shall can cannot can't could allow allowed never wont won't let")
SPEECH_NOUNS = words_of("threat threats warning warnings ultimatum demand demands")
DEEDS = words_of("""
    strike strikes struck hit hits attack attacks attacked bomb bombs bombed launch launches launched fire fires
    fired impose imposes imposed lift lifts lifted suspend suspends suspended halt halts halted sign signs
    signed send sends sent deploy deploys deployed withdraw withdraws withdrew pull pulls pulled expel expels
    expelled seize seizes seized resume resumes resumed restore restores restored ease eases eased release
    releases released walk walks walked return returns returned arrive arrives arrived close closes closed
    reopen reopens reopened extend extends extended postpone postpones postponed pause pauses paused cancel
    cancels cancelled begin begins began start starts started carry carries carried reach reaches reached agree
    agrees agreed sanction sanctions sanctioned target targets targeted shoot shoots shot kill kills killed
    destroy destroys destroyed build built raid invade intercept intercepts intercepted waive waives grant
    grants granted exchange freeze freezes froze unfreeze unfreezes blacklist blacklists meet meets met visit
    enrich enriches enriched expand expands expanded""")
"""Verbs whose subject does something, where others only say it."""
FUTURE = words_of("will would to may might could must should can if 'll plan plans ready")
ULTIMATIVE = words_of("""
    ultimatum deadline mobilise mobilises deploy deploys deployed sends sent warships carrier buildup hours
    obliterate""")
"""Words that put a position between a warning and a blow."""
ADVERBS = words_of("""
    not never no longer more still also already now yet again ever just even only hardly scarcely soon once both all
    therefore thus indeed is are was were be been being""")
"""What may stand before a participle, forms of `be` included."""
COORDINATORS = words_of("and or nor")
EXPLETIVES = words_of("it there this that he she they we i you who which")
"""Subjects after which `is ...` tells nothing of a noun before them."""
LINKS = words_of("of for to that which from on over about regarding concerning calling")
"""What joins a noun to what it contains."""
TOPIC_LINKS = words_of("on over about regarding concerning")
CONTAINERS = words_of("""
    offer offers proposal proposals plan plans bill bills bid bids draft drafts text texts term terms deal deals
    agreement agreements accord accords framework memorandum condition conditions letter letters message messages
    demand demands promise promises idea call calls round""")
"""Nouns that are about what their complement says: who rejects a plan for strikes rejects strikes."""
OFFERS = words_of("offer offers proposal proposals plan plans bill bills bid bids")
"""Of these, those that take what they contain before them: `truce offer`."""
PLANS = words_of("plan plans bill bills bid bids text texts draft drafts demand demands idea term terms")
"""Of these, those that are no talks themselves where they contain something else."""
POST_NOUNS = words_of("""
    ban freeze halt pause boycott collapse deadlock
    moratorium suspension withdrawal curbs curb limits cap""")
"""Nouns that turn the noun right before them: `an enrichment freeze`, `the talks boycott`."""
AIMS = words_of("on against at with")
"""Between two words of one kind of event, they say at what the first is aimed: `strikes on missile bases`."""
BARRING = words_of("""
    deny denies denied denying prevent prevents preventing stop
    stops stopping keep keeps keeping bar bars block blocks""")
"""With the other side as their object, they forbid it something: `denies B the bomb`."""
AFTER_VERB = words_of("""
    in on at by with over as after for amid and or nor but if unless again now today soon yet anyway when once
    before until because since only""")
"""What may follow a verb that has no object of its own."""
PARTICLES = words_of("off out back away down up over aside abroad")
"""Of verbs such as `call off`, where their object may stand between."""
EASING = words_of("ease eases eased easing remove removes removed removing removal relax relaxes relaxing suspension")
"""Said of pressure, they mean its end."""
WELCOMING = words_of("""
    welcome welcomes welcomed welcoming hail hails hailed praise praises praised agree agrees agreed""")
"""What one does with an end of pressure that one does not merely demand."""
PERFECT_OR_MODAL = words_of("has have had will can could to must should may would")
REFUSALS = words_of("refusal rejection opposition reluctance unwillingness objection objections insistence willingness")
"""Nouns whose owner takes the position that they name."""
