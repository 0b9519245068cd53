'use strict';

// For who starts the preload by its whole path, which knows no exports of a package.
require('./packed/doors/register.js');
