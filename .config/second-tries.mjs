// A reporter: names every test that has passed only when it was tried again, so that none of them stays unseen.
export default class SecondTries {
  #names = [];

  onTestCaseResult(test) {
    if (test.diagnostic()?.flaky) this.#names.push(`${test.module.relativeModuleId} > ${test.fullName}`);
  }

  onTestRunEnd() {
    for (const name of this.#names) console.log(`passed only when tried again: ${name}`);
  }
}
