"""From which cosine does a passage answer a query, for a model nobody measured? By calibration.

Each of 40 questions is compared with 40 texts that answer none of them. The floor lies a quarter of the way
from the cosine that one such pair in a hundred exceeds to 1. For the bundled model that gives .876, where
measuring on real passages gave .875.
"""

from typing import Final

import numpy as np

from engine.model import Vectors

SHARE: Final = 0.99
WAY: Final = 0.25

PAIRS: Final = (
    ("forebygge fall hos eldre", "Rommet er reservert for styremøtet, og kaffe settes fram klokken ti."),
    ("behandling av trykksår", "Toget til Bergen er innstilt på grunn av ras ved Finse."),
    ("korleis måle blodtrykk", "Vedtektene krev to tredels fleirtal på årsmøtet for å bli endra."),
    ("symptomer på hjerneslag", "Rapporten handler om fiskebestanden i nordlige havområder."),
    ("insulin til barn med diabetes", "Slik bytter du passord og slår på totrinnsbekreftelse på telefonen."),
    ("rusmisbruk blant unge", "Kommunen legger ny asfalt på gang- og sykkelveien i sommer."),
    ("smittevern på sjukeheim", "Koret øver kvar tysdag, og nye songarar er velkomne."),
    ("selvmordsrisiko vurdering", "Potetene kokes møre, moses og røres ut med smør og melk."),
    ("amming av nyfødte", "Budsjettet for neste år viser et underskudd på to millioner kroner."),
    ("hvordan gi HLR", "Forestillingen er utsolgt, men det settes opp ekstra kvelder i mars."),
    ("samtykke til helsehjelp", "Bilen må på verksted fordi clutchen er slitt."),
    ("demens og uro om kvelden", "Fjellturen går over myr og stein, så ta på gode støvler."),
    ("legemiddelregning", "Et bredt flertall stemte for å bygge ny bru over elven."),
    ("palliativ omsorg heime", "Skulen har fått nye datamaskiner til elevane på åttande trinn."),
    ("underernæring på sykehus", "Kunden kan heve kjøpet dersom sofaen ikke blir levert i tide."),
    ("helsestasjon vaksinasjon", "Langrennsløypene er preparert, men det er fare for tåke på fjellet."),
    ("angst og depresjon hos ungdom", "Hytta ble malt i fjor, og taket har fått ny torv."),
    ("sepsis tidlige tegn", "Avisen trykker leserinnlegg på opptil tre tusen tegn."),
    ("migrasjon og helse tolk", "Katten sover i vinduskarmen når solen skinner."),
    ("stell av kateter", "Konserten opnar med eit stykke for fele og orgel."),
    ("vold i nære relasjoner", "Fargen på gardinene passer ikke til det nye teppet."),
    ("hygiene ved matlaging", "Meteorologene melder om kuling langs kysten og snø i høyden."),
    ("epilepsianfall hva gjør jeg", "Møbelfabrikken ble grunnlagt i 1923 og har sekti ansatte."),
    ("barselomsorg hjemmebesøk", "Prisen på strøm varierer fra time til time gjennom døgnet."),
    ("tannhelse hos pleietrengende", "Museet viser en utstilling om skip fra vikingtiden."),
    ("velferdsteknologi i kommunen", "Han spilte midtbane og scoret to mål i den andre omgangen."),
    ("etisk refleksjon i pleien", "Sauene slippes på beite i slutten av mai."),
    ("hand hygiene in hospitals", "The ferry leaves the quay at six and does not carry lorries."),
    ("pressure ulcer prevention", "Her second novel is set in a fishing village in the nineties."),
    ("treatment of sepsis", "The committee postponed the vote on the parking rules until autumn."),
    ("dementia care communication", "Mix flour and eggs, then bake the cake for forty minutes."),
    ("pain assessment in children", "The museum shop sells postcards and reproductions of old maps."),
    ("medication errors reporting", "A new bridge will link the two islands before the winter."),
    ("infection control in nursing homes", "The orchestra tunes before the conductor enters the hall."),
    ("mental health of young people", "Shares in the shipping company fell by four per cent on Monday."),
    ("nutrition for elderly patients", "The printer needs a new driver after the update."),
    ("stroke rehabilitation", "Tickets for the match can be collected at the gate."),
    ("palliative care at home", "The carpenter measured the door twice before sawing the frame."),
    ("breastfeeding advice", "Rain stopped play shortly after the tea interval."),
    ("patient safety checklist", "The old lighthouse was sold to a family from the city."),
)
"""Questions, and beside each a text of another subject; no text answers any of the questions."""


def floor_of(questions: Vectors, texts: Vectors) -> float:
    """Return the floor from the unit rows ``(n, dim)`` of unrelated questions and texts.

    Examples
    --------
    >>> round(floor_of(np.float32([[1, 0]]), np.float32([[0.6, 0.8], [0.6, 0.8]])), 3)
    0.7
    """
    exceeded = float(np.quantile(questions @ texts.T, SHARE))
    return exceeded + WAY * (1 - exceeded)
