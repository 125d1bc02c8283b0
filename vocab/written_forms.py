"""Which bokmål word is this nynorsk word? Common words that their written form alone keeps apart.

Words whose stems Snowball makes equal (*-ar/-er*, *-leg/-lig*, *-a/-ene*) need no entry, nor do compounds of
words that have one. Left out are words that mean something else in the other written form (*leie*, *verke*, *syn*,
*vert*), since both are analysed alike. Written for this project; no dictionary was copied.
"""

_PAIRS = """
    andedrett:åndedrett annan:annen annleis:annerledes arbeidd:arbeidet arbeidsveg:arbeidsvei auge:øye
    auke:øke auking:økning auknad:økning aust:øst austland:østland avbod:avbud avgjerd:avgjørelse
    avgjere:avgjøre avliden:avdød bebuar:beboer behalde:beholde bein:ben berre:bare
    betre:bedre betyding:betydning bilete:bilde biverknad:bivirkning blaut:bløt blei:ble bleik:blek
    bløding:blødning bod:bud born:barn bornehage:barnehage brei:bred breidd:bredde breie:bre breitt:bredt
    brot:brudd brotsverk:forbrytelse bru:bro bu:bo budde:bodde buform:boform bustad:bolig byar:byer
    byggje:bygge byrje:begynne byrjing:begynnelse daud:død dei:de deil:del deira:deres deltaking:deltakelse
    dersom:hvis difor:derfor djup:dyp djupne:dybde dotter:datter draum:drøm drikkje:drikke dugleik:ferdighet
    dykk:dere då:da dødelegheit:dødelighet dømd:dømt døy:dø døyande:døende eg:jeg eigen:egen
    eigenandel:egenandel eigenskap:egenskap einsam:ensom einsemd:ensomhet einskild:enkelt
    ete:spise eting:spising fastsetje:fastsette finst:finnes flaum:flom fleire:flere
    forbod:forbud forsking:forskning forståing:forståelse fortelje:fortelle forteljing:fortelling fram:frem
    framand:fremmed framgang:fremgang framleis:fremdeles framtid:fremtid freiste:friste freistnad:forsøk
    frå:fra fylgje:følge fyrst:først fødd:født følgd:følge følgje:følge førebu:forberede
    førebuing:forberedelse førebygge:forebygge førebygging:forebygging førebyggje:forebygge føremål:formål
    føresetnad:forutsetning førespurnad:forespørsel føter:føtter gamal:gammel gje:gi gjekk:gikk gjere:gjøre
    gjev:gir gløyme:glemme gløymsle:glemsel golv:gulv gong:gang gransking:undersøkelse graut:grøt greip:grep
    grunngjeve:begrunne grunngjeving:begrunnelse grøn:grønn grønsak:grønnsak gåve:gave hald:hold
    haldning:holdning hamn:havn hand:hånd handbok:håndbok handheving:håndhevelse
    handsame:behandle handsaming:behandling handtere:håndtere handtering:håndtering haust:høst
    heilage:hellige heile:hele heilt:helt heim:hjem heime:hjemme heiter:heter
    helsesyster:helsesøster hending:hendelse hjarte:hjerte ho:hun hovud:hode
    hugse:huske høg:høy høgare:høyere høgd:høyde høyre:høre høyrsel:hørsel ikkje:ikke innan:innen
    innanfor:innenfor innbod:innbydelse innbyggjar:innbygger innhald:innhold innlegging:innleggelse
    jamn:jevn jamt:jevnt jarn:jern kartleggje:kartlegge kaup:kjøp kjelde:kilde kjem:kommer kjensle:følelse
    kjærleik:kjærlighet kjøken:kjøkken kjøt:kjøtt kome:komme korleis:hvordan kosthald:kosthold krevje:kreve
    kva:hva kvar:hvor kvarandre:hverandre kvart:hvert kven:hvem kvifor:hvorfor kvit:hvit kyrkje:kirke
    køyre:kjøre køyretøy:kjøretøy laup:løp laus:løs lausne:løsne
    leggje:legge leiar:leder leiing:ledelse leik:lek leite:lete lengre:lenger liding:lidelse liggje:ligge
    likskap:likhet line:linje ljod:lyd ljos:lys lovbrot:lovbrudd låg:lav lågare:lavere lækjar:lege
    lækjedom:legedom lækjemiddel:legemiddel løn:lønn løyse:løse løysing:løsning medverke:medvirke
    medverknad:medvirkning meine:mene meining:mening meir:mer merkje:merke merksemd:oppmerksomhet mjølk:melk
    mogleg:mulig moglegheit:mulighet morgon:morgen mykje:mye månad:måned namn:navn naud:nød
    naudsynt:nødvendig nemnd:nevnt nemne:nevne noko:noe nokon:noen nokre:noen nyfødd:nyfødt ombod:ombud
    omsut:omsorg open:åpen opne:åpne opning:åpning opningstid:åpningstid oppdaging:oppdagelse
    oppfylging:oppfølging oppgåve:oppgave oppleving:opplevelse opplysing:opplysning
    oppløysing:oppløsning oppretthalde:opprettholde oppseding:oppdragelse peike:peke påbod:påbud
    påverke:påvirke påverknad:påvirkning raud:rød rein:ren reinhald:renhold reinleik:renhet reinse:rense
    reinsing:rensing retningsline:retningslinje rettleiar:veileder rettleie:veilede rettleiing:veiledning
    rørsle:bevegelse røykje:røyke røynsle:erfaring røyr:rør røyst:stemme sal:salg saman:sammen
    samanheng:sammenheng samansett:sammensatt samtykkje:samtykke saum:søm segje:si seie:si sein:sen
    seinare:senere seint:sent selje:selge setje:sette sidan:siden sju:syv sjuk:syk sjukdom:sykdom sjuke:syke
    sjukepleiar:sykepleier sjå:se sjølv:selv sjølvstendig:selvstendig
    skadd:skadet skaut:skjøt skeiv:skjev skilnad:forskjell skodespelar:skuespiller skot:skudd skuld:skyld
    skule:skole skytar:skytter snøgg:rask son:sønn song:sang sovn:søvn spel:spill
    spreie:spre spreiing:spredning spørje:spørre stad:sted steike:steke stein:sten stod:sto
    storleik:størrelse straum:strøm styrkje:styrke svolt:sult sysken:søsken syster:søster såg:så
    søkje:søke sørgje:sørge tal:tall teieplikt:taushetsplikt teken:tatt telje:telle teneste:tjeneste
    tenking:tenkning tenkje:tenke tidlegare:tidligere tilbod:tilbud tilgjengelegheit:tilgjengelighet
    tilhøve:forhold tilpassing:tilpasning tilretteleggje:tilrettelegge tilrå:anbefale tilråding:anbefaling
    tilsett:ansatt tilskodar:tilskuer tilskot:tilskudd trengje:trenge tru:tro tillitsvald:tillitsvalgt trua:truet truge:true
    trugsmål:trussel trur:tror tryggje:trygge tryggleik:trygghet tystnad:taushet ulikskap:ulikhet
    ulukke:ulykke umogleg:umulig undersøking:undersøkelse utan:uten utanfor:utenfor utbreidd:utbredt
    utbreiing:utbredelse utgreiing:utredning utgåve:utgave utsett:utsatt utskriving:utskrivning utval:utvalg
    val:valg vald:vold valdsutsett:voldsutsatt vart:ble vatn:vann veg:vei vegleiar:veileder
    vegleiing:veiledning veik:svak veikskap:svakhet veit:vet veke:uke velje:velge ven:venn vere:være
    verkemiddel:virkemiddel verknad:virkning verksemd:virksomhet vindauge:vindu viss:hvis
    vitskap:vitenskap vore:vært vêr:vær ynske:ønske ynskje:ønske ønskje:ønske øving:øvelse øyre:øre
"""

WORD_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (nynorsk, bokmaal) for nynorsk, _, bokmaal in (pair.partition(":") for pair in _PAIRS.split())
)
"""Nynorsk word and bokmål word."""
