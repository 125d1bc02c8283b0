"""Which words are names of people? Common first names and family names in Norway; a short list, not a register."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIRST_NAMES: Final = _words("""
    aase abdi abdul adam agnes ahmad ahmed ailo aina alexander alf alfred ali alice alma amalie amanda amina amir
    anders andrea andreas andrzej anette anita anja anna annar anne ann anniken anton arild arne arvid asbjørn aslak
    astrid atle aud audun august aurora axel barbara beate benjamin bente bent berit bernt birger birgit birgitte
    birgithe bjarne bjørg bjørn bjørnar bo bodil borghild britt brita børge camilla caroline carina casper cathrine
    cecilie charlotte christer christian christina christine christoffer dag dagfinn dagny daniel david dina eduard
    edvard edvin egil eilif einar eirik eirin elias eline elin elisabeth elise ella ellen ellinor else elsa emil
    emilie emma endre erik erika erlend erling ernst espen ester eva even eystein fatima filip fredrik frida frode
    fridtjof geir georg gerd gina gisle grethe gro gudbrand gudrun gunhild gunn gunnar gunvor gustav gøran haakon
    halvard halvor hanna hannah hanne hans harald harriet hassan hedda hege heidi helena helene helga helge henning
    henriette henrik henry hermann herman hilda hilde hildegunn håkon håvard ibrahim ida inga inge ingeborg inger
    ingjerd ingrid ingvald ingvild iren irene iselin ivar jacob jakob jan jane janne jarle jenny jens jesper joachim
    joakim johan johanna johannes john jon jonas jonathan jorunn josef josefine julia julian julie jørgen jørn kai
    karen kari karianne karin karl karoline karsten katarina katarzyna kathrine katrine kenneth ketil kim kine
    kirsten kirsti kjell kjersti kjetil klara knut konrad kristen kristian kristin kristina kristine kristoffer
    krzysztof kåre lars laila laura lea leif lena lene leon liam lilly linda line linn linnea lisa lise liv live lise
    lotte louise lucas ludvig lukas luna mads magne magnar magnhild magnus mai maja malin marcus mari maria mariam
    marianne marie marit marius markus marta marte martha marthe martin martine mathea mathias mathilde mats matheo
    may merete merethe mette mia michael mikael mikkel mohamed mohammad mohammed mona monica monika morten muhammad
    mustafa nadia natalie nikolai nils nina noah nora odd oddbjørn oddny oddvar ola olaf olav ole oline oliver olivia
    omar oscar oskar osman otto patrick paul peder per pernille peter petra petter philip piotr pål ragna ragnar
    ragnhild ragnvald rakel randi rasmus rebecca reidar reidun renate rita roald roar robert robin roger rolf ronny
    ruben rune ruth sander sandra sara sarah sebastian selma signe sigrid sigrun sigurd silje silvia simen simon
    siri siv sivert snorre sofia sofie solfrid solveig sondre sonja stein steinar stella stian stig stine sturla
    sunniva susanne svanhild svein sven sverre synne synnøve sølvi terese terje theodor thea theo therese thomas
    thor thorbjørn thore tina tiril tobias tom tommy tone tonje tor torbjørn tord tore torgeir torhild torill
    torleif torstein torunn trine trond trude trygve turid tuva tyra ulf ulrik unn unni vegard vera veronica vibeke
    victor victoria vidar viggo viktor vilde vilhelm viljar wenche wilhelm yasmin yngve yusuf zahra øivind ørjan
    øystein øyvind ågot åse åshild åsmund åsne
""")

FAMILY_NAMES: Final = _words("""
    abdi ahmed ali amundsen andersen andreassen andresen antonsen arnesen aune aas aasen bakke bakken bang bekkevold
    berg berge berger berglund bergersen berntsen birkeland bjerke bjørge bjørnstad borge brandt brekke breivik bråten
    bråthen bøe carlsen christensen christiansen dahl dahle dahlen dale danielsen davidsen egeland eide ellingsen
    eliassen enger engen eng engebretsen eriksen espeland evensen fjeld foss fosse fossum fredriksen gabrielsen
    gulbrandsen gundersen gustavsen haaland hagen halvorsen hammer hansen hanssen hassan haug hauge haugen haugland
    helgesen helland henriksen hermansen hoel hofstad holm holmen holte hovland husby hussain ibrahim isaksen iversen
    jacobsen jakobsen jansen jensen jenssen johannessen johansen johnsen jørgensen karlsen khan knudsen knutsen
    kowalski kristensen kristiansen kristoffersen kvam kolstad langeland larsen larssen lie lien lorentzen ludvigsen
    lund lunde lysne løken madsen martinsen mathisen mikalsen mikkelsen moe moen mohamed mohammed monsen myhre myklebust
    mæland nervik ness nguyen nielsen nikolaisen nilsen nordmann nordby norheim nygård nygaard næss olaussen olsen olsson
    omar opsahl osman ottesen paulsen pedersen persson pettersen rasmussen ruud rønning rønningen sandberg sandvik
    sandnes samuelsen simonsen sivertsen skaar skoglund solbakken solberg solheim sollie solli sommer sunde stensrud
    strand strøm sund svendsen syversen sæther sætre sørensen tangen tandberg teigen thomassen thorsen thoresen
    torgersen tran tveit tønnessen ulriksen vik viken vold wang warsame westby wiik wold yildiz ødegård ødegaard østby
    øverland aamodt
""")

EVERYDAY: Final = _words("""
    ali ask bakke bang berg berge bo brekke dag dahle dale eide eng enger even foss hammer haug holm hope iris lie lien
    lin live liv lund may mai odd omar per rose sol sommer stein strand strøm sund sunde tor tran vik viken vold wang
""")
"""Names that are everyday words too: by themselves they tell of nobody."""
