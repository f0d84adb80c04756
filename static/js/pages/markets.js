// The list of markets: a file is read back before it is kept.

import { one } from "../shared/dom.js";
import { attachReading } from "../panels/reading.js";

attachReading(one("#upload-form"));
