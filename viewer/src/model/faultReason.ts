type Parameters = Readonly<Record<string, string | number>>

interface Rule {
  readonly pattern: RegExp
  readonly key: string
  /** What the groups of the pattern are called in the text. */
  readonly names?: readonly string[]
}

/** The server's reasons are English; these are the ones a user of a form can meet. */
const RULES: readonly Rule[] = [
  { pattern: /^(?:required|needed)$/, key: 'form.required' },
  { pattern: /^(?:whole number|number) expected/, key: 'form.notNumber' },
  { pattern: /is not of type '(?:number|integer)'$/, key: 'form.notNumber' },
  { pattern: /is less than(?: or equal to)? the minimum of (\S+)$/, key: 'form.tooLow', names: ['minimum'] },
  { pattern: /is greater than the maximum of (\S+)$/, key: 'form.tooHigh', names: ['maximum'] },
  { pattern: /is below (\S+)$/, key: 'form.tooLow', names: ['minimum'] },
  { pattern: /is above (\S+)$/, key: 'form.tooHigh', names: ['maximum'] },
  { pattern: /^(\d+) characters; at most (\d+)$/, key: 'form.tooLong', names: ['length', 'maximum'] },
  { pattern: /is no code of /, key: 'form.noCode' },
  { pattern: /^an ID number has/, key: 'form.idNumber' },
  { pattern: /^no such birth date/, key: 'form.idBirthDate' },
  { pattern: /^wrong check character/, key: 'form.checkCharacter' },
  { pattern: /^a social credit code has/, key: 'form.creditCode' },
  { pattern: /^a telephone number has/, key: 'form.telephone' },
  { pattern: /^masked text/, key: 'form.masked' },
  { pattern: /^somebody has it at that time already$/, key: 'form.overlap' },
  { pattern: /^the birth date lies in the future$/, key: 'form.bornLater' },
  { pattern: /^the ID number says (\S+)$/, key: 'form.numberSays', names: ['day'] },
  { pattern: /^it ends before it begins$/, key: 'form.endsBefore' },
  { pattern: /^the household has a householder already$/, key: 'form.secondHouseholder' },
  { pattern: /^somebody has this bed already$/, key: 'form.bedTaken' },
  { pattern: /^the dwelling or its building is gone$/, key: 'form.dwellingGone' },
  { pattern: /^the person lives there already$/, key: 'form.livesThere' },
  { pattern: /^the person has a home elsewhere/, key: 'form.homeElsewhere' },
  { pattern: /^(?:date YYYY|RFC 3339)/, key: 'form.noDate' },
  { pattern: /^1 to ([\d,]+) expected(?: apart)?, not ([\d,]+)$/, key: 'analyses.howMany', names: ['most', 'count'] },
  { pattern: /^1 to (\d+) above 0 and up to (\S+) /, key: 'analyses.limitsWrong', names: ['most', 'longest'] },
  { pattern: /^above 0 and up to (\S+)/, key: 'analyses.aboveZero', names: ['most'] },
  { pattern: /^more than (\S+) roads lie within reach/, key: 'analyses.tooManyRoads', names: ['most'] },
  { pattern: /^these lie more than 2° apart/, key: 'analyses.tooFarApart' },
  { pattern: /^more than (\S+) features; narrow them/, key: 'analyses.tooManyFeatures', names: ['most'] },
  { pattern: /already exists/, key: 'form.duplicate' },
  { pattern: /^(\S+) MB; at most (\d+) MB$/, key: 'form.photoTooLarge', names: ['size', 'maximum'] },
  { pattern: /^the picture is damaged$/, key: 'form.photoDamaged' },
  { pattern: /^no picture of a kind that is kept/, key: 'form.noPhoto' },
  { pattern: /^(\d+) people live in it/, key: 'form.livedIn', names: ['count'] },
  { pattern: /^it is let/, key: 'form.isLet' },
  { pattern: /has more than one (.+)$/, key: 'form.numberTwice', names: ['number'] },
  { pattern: /^the building has floors (\S+) to (-?\d+)/, key: 'form.noFloor', names: ['lowest', 'highest'] },
  { pattern: /^it is demolished/, key: 'form.demolished' },
  { pattern: /^only rooms beside/, key: 'form.notNeighbours' },
  { pattern: /^only rooms of one unit/, key: 'form.oneUnit' },
  { pattern: /^a room takes up to 20 columns/, key: 'form.tooWide' },
  { pattern: /^no such room in this building$/, key: 'form.noRoom' },
  { pattern: /1 to (\d+) characters expected$/, key: 'form.numberLength', names: ['most'] },
  { pattern: /^2 to 50 rooms expected$/, key: 'form.pieces' },
  { pattern: /^there is no floor 0$/, key: 'form.noFloorZero' },
  { pattern: /^the building has no floor (-?\d+)$/, key: 'form.noSuchFloor', names: ['floor'] },
  { pattern: /^floors -20 to 200 expected$/, key: 'form.floorRange' },
  { pattern: /^missing or wrong: (.*)$/, key: 'form.stepWrong', names: ['what'] },
  { pattern: /^1 to (\d+) units expected$/, key: 'form.unitCount', names: ['most'] },
  { pattern: /^a unit is named twice$/, key: 'form.unitTwice' },
  { pattern: /^up to (\d+) characters$/, key: 'form.upToCharacters', names: ['most'] },
  { pattern: /^not below the lowest floor$/, key: 'form.highestBelow' },
  { pattern: /^1 to (\d+) rooms expected$/, key: 'form.roomCount', names: ['most'] },
  { pattern: /^(\d+) rooms; up to (\d+) are built at once$/, key: 'form.tooManyRooms', names: ['count', 'most'] },
  { pattern: /^no more floors than there are$/, key: 'form.shopFloors' },
  { pattern: /^1 to (\d+) beds expected$/, key: 'form.bedCount', names: ['most'] },
  { pattern: /^takes \{unit\}, \{floor\}/, key: 'form.patternWords' },
  { pattern: /^needs \{room\}/, key: 'form.patternRoom' },
  { pattern: /more than once/, key: 'form.patternTwice' },
  { pattern: /^the visit lies in the future$/, key: 'form.visitLater' },
  { pattern: /^the visit lies before the record begins$/, key: 'form.visitBefore' },
  { pattern: /^the record has ended by then$/, key: 'form.recordEndedThen' },
  { pattern: /^the record has ended$/, key: 'form.recordEnded' },
  { pattern: /^it must be later than today$/, key: 'form.laterThanToday' },
  { pattern: /^the day lies in the future$/, key: 'form.dayLater' },
  { pattern: /^it was visited after that day$/, key: 'form.visitedLater' },
  { pattern: /^the person is under 60/, key: 'form.underAge' },
  { pattern: /^the provider does not offer/, key: 'form.notOffered' },
  { pattern: /^no such step from/, key: 'form.noSuchStep' },
  { pattern: /^before it was requested$/, key: 'form.beforeRequest' },
  { pattern: /^before it was done$/, key: 'form.beforeDone' },
  { pattern: /^it is not done yet$/, key: 'form.notDoneYet' },
  { pattern: /^with and only with a service done$/, key: 'form.doneDay' },
  { pattern: /^with and only with the day of the follow-up$/, key: 'form.followDay' },
  { pattern: /^metres above 0 and at most (\S+) expected$/, key: 'question.reachAllowed', names: ['most'] },
  { pattern: /^an area is needed to lie within/, key: 'question.needsArea' },
  { pattern: /^a line is needed to lie along/, key: 'question.needsLine' },
  { pattern: /^the outline crosses itself/, key: 'question.crosses' },
  { pattern: /^(\S+) km²; at most (\S+) km²/, key: 'question.tooLarge', names: ['size', 'most'] },
  { pattern: /^(\S+) km; at most (\S+) km/, key: 'question.tooLong', names: ['size', 'most'] },
  { pattern: /^JSON expected$/, key: 'analyses.noJson' },
  { pattern: /^at least one polygon is needed$/, key: 'analyses.noPolygon' },
  { pattern: /^start\/end expected, both of them$/, key: 'analyses.bothDays' },
  { pattern: /with start before end expected$|^the end must lie after the start$/, key: 'form.endsBefore' },
  { pattern: /^residents .*as of now/, key: 'analyses.residentsNow' },
  { pattern: /has no time$/, key: 'analyses.noTime' },
  { pattern: /^more than ([\d,]+) cameras; ask for a part$/, key: 'analyses.tooManyCameras', names: ['most'] },
  { pattern: /is not present in table/, key: 'form.noReference' },
]

/** A reason of the server as a key of the locale files; null for one that is not known. */
export function faultReason(reason: string): { key: string; parameters: Parameters } | null {
  for (const { pattern, key, names = [] } of RULES) {
    const found = pattern.exec(reason)
    if (found) {
      const parameters = Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? '']))
      return { key, parameters }
    }
  }
  return null
}
